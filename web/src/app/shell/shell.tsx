import { ActionIcon } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { healthQuery } from "../../api/health.ts";
import { LiveProvider } from "../../api/live.tsx";
import { Palette } from "./palette.tsx";
import { ShortcutKeys } from "./shortcut-keys.tsx";
import { Sidebar } from "./sidebar.tsx";
import "./shell.css";

/** The frame around every page of somebody who is signed in. */
export function Shell() {
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a tablet the sidebar closes when it has led somewhere
  useEffect(() => setOpen(false), [pathname]);
  const { data: health } = useQuery(healthQuery);

  return (
    <LiveProvider>
      <a className="sw-skip" href="#main">
        Skip to the content
      </a>
      <div className="sw-shell">
        <div className="sw-topbar">
          <ActionIcon variant="subtle" color="gray" aria-label="Open the menu" onClick={() => setOpen(true)}>
            <IconMenu2 size={18} aria-hidden />
          </ActionIcon>
          Swarm
        </div>
        <button
          type="button"
          className="sw-veil"
          data-open={open}
          aria-label="Close the menu"
          onClick={() => setOpen(false)}
        />
        <Sidebar open={open} onClose={() => setOpen(false)} />
        <main id="main" className="sw-main" tabIndex={-1}>
          {health?.simulatedProviders && (
            <div className="sw-simulated">
              Replies are simulated: no provider key is set, so no model is asked and no cost is real.
            </div>
          )}
          <Outlet />
        </main>
      </div>
      <Palette />
      <ShortcutKeys />
    </LiveProvider>
  );
}
