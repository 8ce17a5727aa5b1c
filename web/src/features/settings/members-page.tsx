import { useCan } from "../../api/me.ts";
import { EmptyState } from "../../ui/index.ts";
import { Invitations } from "./invitations.tsx";
import { Members } from "./members.tsx";

/** Who belongs to the workspace, and who is invited. */
export function MembersPage() {
  const mayManage = useCan("members.manage");
  if (!mayManage) {
    return (
      <EmptyState title="Members are managed by owners">
        Ask an owner of this workspace to invite somebody or to change a role.
      </EmptyState>
    );
  }
  return (
    <div className="sw-settings-parts">
      <Members />
      <Invitations />
    </div>
  );
}
