import { IconBook2, IconKeyboard, IconSearch } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef } from "react";
import { modKey, useCommands } from "../../ui/index.ts";
import { LiveMark } from "./live-mark.tsx";
import { openPalette } from "./palette.tsx";
import { SECTIONS } from "./sections.ts";
import { openShortcuts } from "./shortcut-keys.tsx";
import { UserMenu } from "./user-menu.tsx";
import { WorkspaceSwitch } from "./workspace-switch.tsx";

/** Where one is and where one can go. On a tablet it lies over the page while `open`. */
export function Sidebar({ open, onClose }: { open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const sidebar = useRef<HTMLElement>(null);
  useCommands(
    SECTIONS.map(({ label, to, letter }) => ({
      id: `go-${to}`,
      label: `Go to ${label.toLowerCase()}`,
      group: "Go to",
      keys: `g ${letter}`,
      run: () => void navigate({ to }),
    })),
  );
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (!open) return;
    const before = document.activeElement;
    sidebar.current?.querySelector<HTMLElement>("button, a")?.focus();
    const onKey = ({ key, target }: KeyboardEvent) => {
      // A menu or a dialog that was opened from here closes by itself.
      const above = target instanceof Element && target.closest("[role=menu], [role=dialog]") !== null;
      if (key === "Escape" && !above) close();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
      if (before instanceof HTMLElement) before.focus();
    };
  }, [open]);

  return (
    <header className="sw-sidebar" data-open={open} ref={sidebar}>
      <WorkspaceSwitch />
      <button type="button" className="sw-side-item" onClick={openPalette}>
        <IconSearch size={16} aria-hidden />
        <span className="sw-side-text">Search or go to</span>
        <kbd>{modKey} K</kbd>
      </button>
      <nav aria-label="Sections" style={{ flex: 1 }}>
        <ul className="sw-sidebar-list">
          {SECTIONS.map(({ label, to, icon: Icon }) => (
            <li key={to}>
              <Link to={to} className="sw-side-item" activeOptions={{ includeSearch: false }}>
                <Icon size={16} aria-hidden />
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <LiveMark />
      <a className="sw-side-item" href="/api/docs">
        <IconBook2 size={16} aria-hidden />
        API reference
      </a>
      <button type="button" className="sw-side-item" onClick={openShortcuts}>
        <IconKeyboard size={16} aria-hidden />
        <span className="sw-side-text">Keyboard shortcuts</span>
        <kbd>?</kbd>
      </button>
      <UserMenu />
    </header>
  );
}
