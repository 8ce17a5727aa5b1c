import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api-error.ts";

const STALE_AFTER_MS = 15_000;
const MOST_RETRIES = 2;

/**
 * The cache of answers. `onSignedOut` is told when any request finds the session gone, so that no page has to look for
 * that itself.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: Error) => {
    if (error instanceof ApiError && error.code === "unauthenticated") onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      queries: {
        staleTime: STALE_AFTER_MS,
        retry: (failures, error) => failures < MOST_RETRIES && mayPass(error),
        // Live events and the focus of the window keep it fresh: "offline" as browsers guess it must not hold it back.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** Whether asking again may help: a refusal stays one. */
function mayPass(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503);
}
