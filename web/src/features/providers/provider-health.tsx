import { Button } from "@mantine/core";
import { formatShare } from "../../lib/share.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import {
  type Column,
  DataTable,
  Duration,
  type Meaning,
  Missing,
  providerName,
  RelativeTime,
  Section,
  StateBadge,
  useNow,
} from "../../ui/index.ts";
import type { Health } from "./queries.ts";
import { reasonWords } from "./reason-words.ts";

const STATES = {
  closed: { meaning: "succeeded", word: "Closed", says: "Calls go through." },
  open: { meaning: "failed", word: "Open", says: "Calls go to the next target at once." },
  half_open: { meaning: "waiting", word: "Half open", says: "One call tries whether it is back." },
} as const satisfies Record<Health["state"], { meaning: Meaning; word: string; says: string }>;

type Model = Health["models"][number];

const MODEL_COLUMNS: readonly Column<Model>[] = [
  { id: "model", header: "Model", cell: ({ model }) => <span className="sw-mono">{model}</span> },
  {
    id: "requests",
    header: "Calls measured",
    align: "right",
    width: "120px",
    cell: ({ requests }) => <span className="sw-number">{formatExactCount(requests)}</span>,
  },
  {
    id: "p50",
    header: "Median latency",
    align: "right",
    width: "120px",
    cell: ({ p50LatencyMs }) => <Duration ms={p50LatencyMs} />,
  },
];

interface ProviderHealthProps {
  health: Health;
  /** Closes the breaker; null for those who may not. */
  onReset: (() => void) | null;
  resetting: boolean;
}

/** One provider: what its breaker lets through, how its last minute was, and how fast its models are. */
export function ProviderHealth({ health, onReset, resetting }: ProviderHealthProps) {
  const { provider, state, failureRate, requests, p50LatencyMs, lastError, openUntil, models } = health;
  const { meaning, word, says } = STATES[state];
  return (
    <Section
      title={providerName(provider)}
      sentence={
        <span className="sw-breaker">
          <StateBadge meaning={meaning}>{word}</StateBadge>
          <span>{says}</span>
          {state === "open" && openUntil !== null && <UntilWhen at={openUntil} />}
        </span>
      }
      action={
        onReset &&
        state !== "closed" && (
          <Button variant="default" size="xs" onClick={onReset} loading={resetting}>
            Reset breaker
          </Button>
        )
      }
    >
      <dl className="sw-facts-row">
        <div>
          <dt>Failure rate, last minute</dt>
          <dd>
            {requests === 0 ? (
              <span className="sw-muted">No calls</span>
            ) : (
              <>
                <span className="sw-number">{formatShare(failureRate)}</span>{" "}
                <span className="sw-muted">of {formatExactCount(requests)}</span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Median latency</dt>
          <dd>
            <Duration ms={p50LatencyMs} />
          </dd>
        </div>
        <div>
          <dt>Last error</dt>
          <dd>{lastError === null ? <Missing /> : reasonWords(lastError)}</dd>
        </div>
      </dl>
      {models.length > 0 && (
        <DataTable
          label={`Models of ${providerName(provider)}`}
          columns={MODEL_COLUMNS}
          list={{ rows: models, error: null, retry: ignore, more: null, loadingMore: false }}
          rowKey={({ model }) => model}
          empty={null}
        />
      )}
    </Section>
  );
}

/** When it is tried again: at a time, and from then on with the next call, whenever that is made. */
function UntilWhen({ at }: { at: string }) {
  if (Date.parse(at) <= useNow()) return <span>The next call tries whether it is back.</span>;
  return (
    <span>
      Tried again <RelativeTime at={at} />.
    </span>
  );
}

/** The models came with the provider: there is nothing of their own to ask for again. */
function ignore(): void {
  return;
}
