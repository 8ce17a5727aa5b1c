import { notifyDone, notifyFailed } from "../../ui/index.ts";
import { useTag, type Version } from "./queries.ts";
import { type Share, sharesOf } from "./shares-of.ts";

/**
 * Gives tags to versions and takes them away, and says so, with a way back. `tagged` are the versions that carry a tag
 * now. What it answers fails when nothing was done.
 */
export function useTagging(workflowId: string, tagged: readonly Version[]) {
  const { mutateAsync, isPending } = useTag(workflowId);

  const hold = async (tag: string, shares: readonly Share[], from: readonly Share[]) => {
    const [first] = shares;
    if (first && shares.length === 1) await mutateAsync({ versionId: first.versionId, change: { tag } });
    else if (first) await mutateAsync({ versionId: first.versionId, change: { tag, split: [...shares] } });
    // A removal is of one version: from all that share the tag, one after the other.
    else for (const { versionId } of from) await mutateAsync({ versionId, change: { remove: tag } });
  };
  const say = (done: string, tag: string, after: readonly Share[]) => {
    const before = sharesOf(tag, tagged);
    notifyDone(done, {
      undo: () =>
        void hold(tag, before, after).then(
          () => notifyDone(`The tag ${tag} is where it was.`),
          (error: unknown) => notifyFailed(error, `The tag ${tag} was not put back.`),
        ),
    });
  };

  const give = async (tag: string, shares: readonly Share[], done: string) => {
    await hold(tag, shares, []);
    say(done, tag, shares);
  };
  const remove = async (tag: string, { id, version }: Version) => {
    await mutateAsync({ versionId: id, change: { remove: tag } });
    say(`The tag ${tag} was removed from version ${version}.`, tag, []);
  };
  return { give, remove, isPending };
}
