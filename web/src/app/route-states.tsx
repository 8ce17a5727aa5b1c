import { useQueryClient, useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ApiError } from "../api/api-error.ts";
import { healthQuery } from "../api/health.ts";
import { SignOutButton } from "../features/auth/index.ts";
import { Refusal } from "../lib/refusal.ts";
import { ButtonLink, EmptyState, ErrorState, LinesSkeleton, notifyFailed, Page } from "../ui/index.ts";
import { isFailedLoad } from "./failed-loads.ts";

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
  if (isFailedLoad(error)) return <NotLoaded />;
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

const NOT_LOADED = new Refusal(
  "The server did not send this page: it cannot be reached, or a newer dashboard took the place of this one. Nothing that was saved is lost.",
);

/** In the place of a page whose code did not come. Everything is loaded again once the server answers, and not before. */
function NotLoaded() {
  const queryClient = useQueryClient();
  const again = () =>
    queryClient.fetchQuery({ ...healthQuery, staleTime: 0 }).then(
      () => location.reload(),
      (error: unknown) => notifyFailed(error, "The page still cannot be loaded."),
    );
  return (
    <Page title="Not loaded">
      <ErrorState error={NOT_LOADED} title="This page could not be loaded" retry={() => void again()} />
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
