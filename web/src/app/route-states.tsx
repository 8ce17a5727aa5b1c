import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ApiError } from "../api/api-error.ts";
import { SignOutButton } from "../features/auth/index.ts";
import { isFailedLoad } from "../lib/failed-loads.ts";
import { ButtonLink, EmptyState, ErrorState, LinesSkeleton, Page } from "../ui/index.ts";
import { NotLoaded } from "./not-loaded.tsx";

/** In the place of a page that failed, with the rest of the dashboard around it. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryErrorResetBoundary();
  if (error instanceof ApiError && error.code === "no_workspace") {
    return (
      <main>
        <Page title="No workspace">
          <EmptyState title="You belong to no workspace" action={<SignOutButton />}>
            Open an invitation link that an owner sent you, or sign in as somebody else.
          </EmptyState>
        </Page>
      </main>
    );
  }
  if (isFailedLoad(error)) return <NotLoaded error={error} />;
  return (
    <Page title="Something went wrong">
      <ErrorState
        error={error}
        title="This page could not be shown"
        retry={() => {
          queries.reset();
          reset();
          void router.invalidate();
        }}
      />
    </Page>
  );
}

/** At an address that is no page's. */
export function NotFound() {
  return (
    <Page title="Page not found">
      <EmptyState
        title="There is nothing at this address"
        action={<ButtonLink to="/workflows">Go to workflows</ButtonLink>}
      >
        The link may be old, or what it led to was deleted.
      </EmptyState>
    </Page>
  );
}

/** While a page's code loads. */
export function RoutePending() {
  return (
    <Page title="Loading">
      <LinesSkeleton />
    </Page>
  );
}
