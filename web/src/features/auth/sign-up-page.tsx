import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useLocation } from "@tanstack/react-router";
import { healthQuery } from "../../api/health.ts";
import { Callout, Loaded, PageLink } from "../../ui/index.ts";
import { AccountForm } from "./account-form.tsx";
import { AuthCard } from "./auth-card.tsx";
import { setupTokenIn } from "./search.ts";
import { signUp, useEnter } from "./session.ts";

const route = getRouteApi("/sign-up");

/** Make an account without an invitation: the installation's first, or where sign-up is open. */
export function SignUpPage() {
  const { next } = route.useSearch();
  const setupToken = setupTokenIn(useLocation({ select: ({ hash }) => hash }));
  const health = useQuery({ ...healthQuery, staleTime: 0 });
  return (
    <AuthCard
      title="Create an account"
      sentence="The first account owns this installation and its workspace. Everybody after it needs an invitation link, unless sign-up is open."
      foot={
        <>
          Have an account?{" "}
          <PageLink to="/sign-in" search={next === undefined ? {} : { next }}>
            Sign in
          </PageLink>
        </>
      }
    >
      <Loaded query={health} title="The installation does not answer">
        {({ setupTokenNeeded }) =>
          setupTokenNeeded && setupToken === undefined ? (
            <SetupNotice />
          ) : (
            <SignUp next={next} setupToken={setupToken} />
          )
        }
      </Loaded>
    </AuthCard>
  );
}

function SignUp({ next, setupToken }: { next: string | undefined; setupToken: string | undefined }) {
  const enter = useEnter();
  return (
    <AccountForm
      fields={["name", "email", "password"]}
      verb="Create account"
      newPassword
      onSubmit={async (fields) => {
        await signUp({ ...fields, ...(setupToken === undefined ? {} : { setupToken }) });
        await enter(next);
      }}
    />
  );
}

/** What whoever deployed does, and nobody else can. */
function SetupNotice() {
  return (
    <Callout>
      This installation waits for the account of whoever deployed it. Open the address that the deployment printed at
      its end: it leads to this page and ends in <span className="sw-mono">#setup=</span> and a token. If it is lost,
      deploy again with <span className="sw-mono">npm run deploy</span>, and a new one is printed.
    </Callout>
  );
}
