import { counted } from "../../lib/tokens.ts";
import { notifyDone, notifyFailed } from "../../ui/index.ts";
import { useRestore, type Version } from "./queries.ts";

/**
 * Restores a version at once, and says what became of it. It can be taken back: what was there before is the parent of
 * the version that the restore made. `revision` is the draft's that the person has seen.
 */
export function useRestoring(workflowId: string, revision: number | undefined): (version: Version) => void {
  // Not by `mutate`: its callbacks are forgotten when the page is left, and Undo may come later.
  const { mutateAsync: restore } = useRestore(workflowId);

  const takeBack = (versionId: string, restored: number) =>
    restore({ versionId, revision: restored }).then(
      ({ version }) => notifyDone(`The draft is as before the restore, committed as version ${version.version}.`),
      (error: unknown) => notifyFailed(error, "The restore was not taken back."),
    );

  return (target) => {
    if (revision === undefined) return;
    restore({ versionId: target.id, revision }).then(
      ({ version: made, unchanged, warnings, revision: restored }) => {
        if (unchanged) {
          notifyDone(`Nothing to restore: the draft holds what version ${target.version} does.`);
          return;
        }
        const faults = warnings.length === 0 ? "" : ` ${counted(warnings.length, "fault")} to look at in the editor.`;
        const before = made.parentVersionId;
        notifyDone(
          `Version ${target.version} is the draft again, committed as version ${made.version}.${faults}`,
          before === null ? {} : { undo: () => void takeBack(before, restored) },
        );
      },
      (error: unknown) => notifyFailed(error, `Version ${target.version} was not restored. The draft is kept.`),
    );
  };
}
