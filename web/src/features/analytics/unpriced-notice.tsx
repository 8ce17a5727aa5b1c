import { counted } from "../../lib/tokens.ts";
import { Callout, PageLink } from "../../ui/index.ts";

/** Says that sums leave something out, and what to do about it. Nothing where every call has a price. */
export function UnpricedNotice({ calls, mayPrice }: { calls: number; mayPrice: boolean }) {
  if (calls === 0) return null;
  return (
    <Callout>
      <b>
        {counted(calls, "call")} of this range {calls === 1 ? "has" : "have"} no price yet,
      </b>{" "}
      and these figures leave {calls === 1 ? "it" : "them"} out.{" "}
      {mayPrice ? "Set what is missing, and have the past priced" : "An owner can set what is missing"}:{" "}
      <PageLink to="/providers/prices">see which models</PageLink>.
    </Callout>
  );
}
