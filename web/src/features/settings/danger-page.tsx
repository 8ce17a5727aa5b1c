import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useMe } from "../../api/me.ts";
import { sessionHint } from "../../api/session-hint.ts";
import { ConfirmByName, notifyDone, Section } from "../../ui/index.ts";
import { leaveWorkspace } from "./queries.ts";

/** What cannot be taken back. */
export function DangerPage() {
  const { workspace } = useMe();
  const queryClient = useQueryClient();
  const router = useRouter();
  const [leaving, setLeaving] = useState(false);
  const leave = async () => {
    await leaveWorkspace();
    // The session ended with the membership: it must not go on in another workspace unnoticed.
    sessionHint.clear();
    await router.navigate({ to: "/sign-in", search: {} });
    queryClient.clear();
    notifyDone(`You have left ${workspace.name}. Sign in to go on in another workspace.`);
  };
  return (
    <Section title="Danger zone" sentence="What is done here cannot be taken back by you.">
      <div className="sw-danger">
        <div>
          <h3>Leave this workspace</h3>
          <p>
            You are signed out, and your API keys here end. What you made stays with the workspace. To come back you
            need an invitation. The last owner cannot leave.
          </p>
        </div>
        <Button color="red" variant="outline" onClick={() => setLeaving(true)}>
          Leave workspace
        </Button>
      </div>
      <ConfirmByName
        name={leaving ? workspace.name : null}
        verb="Leave workspace"
        onClose={() => setLeaving(false)}
        onConfirm={leave}
      >
        You lose access to {workspace.name} at once, on every device, and your API keys made here end.
      </ConfirmByName>
    </Section>
  );
}
