import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { meQuery } from "../../api/me.ts";
import { sessionHint } from "../../api/session-hint.ts";
import { ErrorState, Loaded, PageLink } from "../../ui/index.ts";
import { AccountForm } from "./account-form.tsx";
import { AuthCard } from "./auth-card.tsx";
import { signUp, useEnter } from "./session.ts";

const route = getRouteApi("/invite/$token");

/** Where an invitation link leads: join with a new account, or with the one that is signed in. */
export function InvitationPage() {
  const { token } = route.useParams();
  const invitation = useQuery({
    // Never kept under the token: it is a secret that opens a workspace.
    queryKey: ["invitation"],
    queryFn: () => answer(client.api.invitations[":invitation"].$get({ param: { invitation: token } })),
    gcTime: 0,
  });
  const offered = invitation.data;
  return (
    <AuthCard
      title={offered ? `Join ${offered.workspaceName}` : "Invitation"}
      sentence={offered ? `You are invited as ${offered.role}.` : "A link that lets one person join a workspace."}
    >
      <Loaded query={invitation} title="This invitation cannot be used">
        {() => <Join token={token} />}
      </Loaded>
    </AuthCard>
  );
}

function Join({ token }: { token: string }) {
  const enter = useEnter();
  const me = useQuery({ ...meQuery, enabled: sessionHint.get(), retry: false });
  const accept = useMutation({
    mutationFn: () => answer(client.api.invitations.accept.$post({ json: { token } })),
    onSuccess: () => enter(),
  });
  if (me.data) {
    return (
      <>
        <Button onClick={() => accept.mutate()} loading={accept.isPending}>
          Join as {me.data.user.email}
        </Button>
        {accept.error && <ErrorState error={accept.error} title="You have not joined" />}
      </>
    );
  }
  return (
    <>
      <AccountForm
        fields={["name", "email", "password"]}
        verb="Create account and join"
        newPassword
        onSubmit={async (fields) => {
          await signUp({ ...fields, invitation: token });
          await enter();
        }}
      />
      <p>
        Have an account?{" "}
        <PageLink to="/sign-in" search={{ next: `/invite/${token}` }}>
          Sign in to join with it
        </PageLink>
      </p>
    </>
  );
}
