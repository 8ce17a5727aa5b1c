import { Anchor } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconLoader2 } from "@tabler/icons-react";
import { errorWords } from "../../ui/index.ts";
import type { SaveState } from "./state/autosave.ts";

/** Says whether the draft is on the server, and why not. */
export function SaveMark({ state, retry }: { state: SaveState; retry: () => void }) {
  return (
    <div className="sw-save" role="status" data-kind={state.kind}>
      {words(state, retry)}
    </div>
  );
}

function words(state: SaveState, retry: () => void) {
  switch (state.kind) {
    case "saved":
      return (
        <>
          <IconCircleCheck size={16} aria-hidden />
          Saved
        </>
      );
    case "waiting":
    case "saving":
      return (
        <>
          <IconLoader2 size={16} aria-hidden />
          Saving…
        </>
      );
    case "conflict":
      return (
        <>
          <IconCircleX size={16} aria-hidden />
          Not saved: changed elsewhere
        </>
      );
    case "failed": {
      const { message } = errorWords(state.error);
      return (
        <>
          <IconCircleX size={16} aria-hidden />
          <span className="sw-save-why" title={message}>
            Not saved: {message}
          </span>
          <Anchor component="button" type="button" onClick={retry}>
            {state.passing ? "Try now" : "Try again"}
          </Anchor>
        </>
      );
    }
  }
}
