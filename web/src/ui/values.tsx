import { formatDuration, formatExactTime, relativeTime } from "../lib/duration.ts";
import { shortId } from "../lib/ids.ts";
import { formatExactMoney, formatMoney } from "../lib/money.ts";
import { formatExactCount, formatTokens } from "../lib/tokens.ts";
import { CopyButton } from "./copy-button.tsx";
import { useNow } from "./use-now.ts";
import "./values.css";

/** An amount. Null is a call without a known price, which is said and never shown as nothing spent. */
export function Money({ nanoUsd }: { nanoUsd: number | bigint | null }) {
  if (nanoUsd === null) {
    return (
      <span className="sw-muted" title="No price is known for the model, so what this cost is not known">
        unpriced
      </span>
    );
  }
  return (
    <span className="sw-mono sw-number" title={formatExactMoney(nanoUsd)}>
      {formatMoney(nanoUsd)}
    </span>
  );
}

/** A length of time in ms; a dash while there is none. */
export function Duration({ ms }: { ms: number | null }) {
  if (ms === null) return <Missing />;
  return (
    <span className="sw-number" title={`${formatExactCount(Math.round(ms))} ms`}>
      {formatDuration(ms)}
    </span>
  );
}

/** A count of tokens. */
export function Tokens({ count }: { count: number | null }) {
  if (count === null) return <Missing />;
  return (
    <span className="sw-number" title={`${formatExactCount(count)} tokens`}>
      {formatTokens(count)}
    </span>
  );
}

/** How long ago an ISO time was, kept up to date; a dash for null. */
export function RelativeTime({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <Missing />;
  const time = Date.parse(at);
  return (
    <time className="sw-number" dateTime={at} title={formatExactTime(time)}>
      {relativeTime(time, now)}
    </time>
  );
}

/** The end of an id, with the whole one to copy and on hover. */
export function ShortId({ id }: { id: string }) {
  return (
    <span className="sw-short-id">
      <span className="sw-mono" title={id}>
        {shortId(id)}
      </span>
      <CopyButton value={id} what="id" />
    </span>
  );
}

/** Where there is no value yet. */
export function Missing() {
  return (
    <span className="sw-muted" title="Not known yet">
      –
    </span>
  );
}
