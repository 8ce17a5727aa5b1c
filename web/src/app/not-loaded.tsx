import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { healthQuery } from "../api/health.ts";
import { newerDashboard } from "../api/newer-dashboard.ts";
import { ErrorState, LinesSkeleton, notifyFailed, Page } from "../ui/index.ts";

/** Holds the script of the dashboard that this tab was last loaded again for. */
const LOADED_FOR = "swarm.loaded-for";
/** How long (ms) it may take until the page goes. It stays where somebody has unsaved work, and wants to keep it. */
const GOES_WITHIN_MS = 3_000;

/**
 * In the place of a page whose code did not come. Where the server has a newer dashboard this one is left for it, once:
 * otherwise a server that goes on missing the file would have the page loaded for ever.
 */
export function NotLoaded({ error }: { error: unknown }) {
  const queryClient = useQueryClient();
  const [stays, setStays] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stay = () => setStays(true);
    goToNewer().then(
      (goes) => {
        timer = setTimeout(stay, goes ? GOES_WITHIN_MS : 0);
      },
      // Nobody answers: somebody may try again.
      stay,
    );
    return () => clearTimeout(timer);
  }, []);
  // Everything is loaded again once the server answers, and not before.
  const again = () =>
    queryClient.fetchQuery({ ...healthQuery, staleTime: 0 }).then(
      () => location.reload(),
      (failure: unknown) => notifyFailed(failure, "The page still cannot be loaded."),
    );
  if (!stays) {
    return (
      <Page title="Loading">
        <LinesSkeleton />
      </Page>
    );
  }
  return (
    <Page title="Not loaded">
      <ErrorState error={error} title="This page could not be loaded" retry={() => void again()} />
    </Page>
  );
}

/** Loads everything again where the server has another dashboard. Answers whether it does. */
async function goToNewer(): Promise<boolean> {
  const newer = await newerDashboard();
  if (newer === null || sessionStorage.getItem(LOADED_FOR) === newer) return false;
  sessionStorage.setItem(LOADED_FOR, newer);
  location.reload();
  return true;
}
