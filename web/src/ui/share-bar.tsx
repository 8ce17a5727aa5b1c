import { formatShare } from "../lib/share.ts";
import "./share-bar.css";

/** How much of the whole a row is: a bar, and the same as a percentage beside it. `share` is from 0 to 1. */
export function ShareBar({ share }: { share: number }) {
  return (
    <span className="sw-share">
      <span className="sw-share-track" aria-hidden>
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="sw-number">{formatShare(share)}</span>
    </span>
  );
}
