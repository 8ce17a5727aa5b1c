import { Link, type LinkProps, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import "./tabs.css";

interface TabsProps {
  /** What the tabs are of, for those who do not see them: "Workflow". */
  label: string;
  children: ReactNode;
}

/** The parts of a page, each with an address of its own, under the page's title. Holds `TabLink`s. */
export function Tabs({ label, children }: TabsProps) {
  const strip = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // On a phone the strip is wider than the page: the tab that one is on is brought into sight, and nothing else moves.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address says which tab is the current one
  useEffect(() => {
    const current = strip.current?.querySelector("[aria-current=page]")?.getBoundingClientRect();
    const seen = strip.current?.getBoundingClientRect();
    if (!strip.current || !current || !seen) return;
    if (current.right > seen.right) strip.current.scrollLeft += current.right - seen.right;
    else if (current.left < seen.left) strip.current.scrollLeft -= seen.left - current.left;
  }, [path]);
  return (
    <nav aria-label={label} className="sw-tabs" ref={strip}>
      {children}
    </nav>
  );
}

interface TabLinkProps extends Pick<LinkProps, "to" | "params"> {
  /** True where other tabs' addresses begin with this one's. */
  exact?: boolean;
  children: ReactNode;
}

/** One part of a page. It stays marked on pages below it, unless `exact`. */
export function TabLink({ exact = false, children, ...target }: TabLinkProps) {
  return (
    <Link {...target} className="sw-tab" activeOptions={{ exact, includeSearch: false }}>
      {children}
    </Link>
  );
}
