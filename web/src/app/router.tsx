import { createRouter } from "@tanstack/react-router";
import { keys } from "../api/keys.ts";
import { createQueryClient } from "../api/query-client.ts";
import { sessionHint } from "../api/session-hint.ts";
import { NotFound, RouteError, RoutePending } from "./route-states.tsx";
import { routeTree } from "./routes.tsx";

/** How long (ms) the page before stays while the next one's code loads, before a skeleton takes its place. */
const PENDING_AFTER_MS = 150;

export const queryClient = createQueryClient(goToSignIn);

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  // What is preloaded is kept fresh by the cache of answers, not by the router.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: PENDING_AFTER_MS,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: NotFound,
  defaultPendingComponent: RoutePending,
  scrollRestoration: true,
});

// Screen readers stay where the old page was unless the new one's heading takes the focus.
router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
  if (!fromLocation || !pathChanged || document.querySelector("[role=dialog]")) return;
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** The session ended while somebody worked: sign in, and come back to the same page. */
function goToSignIn(): void {
  sessionHint.clear();
  // Nobody was signed in: the route that asked leads to the sign-in page itself.
  if (queryClient.getQueryData(keys.me) === undefined) return;
  queryClient.removeQueries({ queryKey: keys.me });
  void router.navigate({ to: "/sign-in", search: { next: router.state.location.href } });
}
