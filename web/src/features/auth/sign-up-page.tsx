import { getRouteApi } from "@tanstack/react-router";
import { PageLink } from "../../ui/index.ts";
import { AccountForm } from "./account-form.tsx";
import { AuthCard } from "./auth-card.tsx";
import { signUp, useEnter } from "./session.ts";

const route = getRouteApi("/sign-up");

/** Make an account without an invitation: the installation's first, or where sign-up is open. */
export function SignUpPage() {
  const { next } = route.useSearch();
  const enter = useEnter();
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
      <AccountForm
        fields={["name", "email", "password"]}
        verb="Create account"
        newPassword
        onSubmit={async (fields) => {
          await signUp(fields);
          await enter(next);
        }}
      />
    </AuthCard>
  );
}
