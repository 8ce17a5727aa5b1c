import { IconPlugConnectedX } from "@tabler/icons-react";
import { useLiveState } from "../../api/live.tsx";
import { StateBadge } from "../../ui/index.ts";

/** Says when what is on screen is not followed live. Silent while it is: that is how it should be. */
export function LiveMark() {
  const state = useLiveState();
  return (
    <div role="status" style={{ padding: "0 8px" }}>
      {state === "offline" && (
        <StateBadge meaning="waiting" icon={IconPlugConnectedX}>
          Not live, connecting
        </StateBadge>
      )}
      {state === "ended" && (
        <StateBadge meaning="waiting" icon={IconPlugConnectedX}>
          Not live: your access changed
        </StateBadge>
      )}
    </div>
  );
}
