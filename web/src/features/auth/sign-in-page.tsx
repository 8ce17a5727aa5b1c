import { getRouteApi } from "@tanstack/react-router";
import { PageLink } from "../../ui/index.ts";
import { AccountForm } from "./account-form.tsx";
import { AuthCard } from "./auth-card.tsx";
import { signIn, useEnter } from "./session.ts";

const route = getRouteApi("/sign-in");

/** Sign in, and go on to where one was. */
export function SignInPage() {
  const { next } = route.useSearch();
  const enter = useEnter();
  return (
    <AuthCard
      title="Sign in"
      sentence="Go on to your workflows."
      foot={
        <>
          New here?{" "}
          <PageLink to="/sign-up" search={next === undefined ? {} : { next }}>
            Create an account
          </PageLink>
          . Forgotten your password? Ask an owner of your workspace for a reset link.
        </>
      }
    >
      <AccountForm
        fields={["email", "password"]}
        verb="Sign in"
        onSubmit={async (fields) => {
          await signIn({ email: fields.email, password: fields.password });
          await enter(next);
        }}
      />
    </AuthCard>
  );
}
