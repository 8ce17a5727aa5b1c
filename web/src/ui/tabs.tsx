import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import "./tabs.css";

interface TabsProps {
  /** What the tabs are of, for those who do not see them: "Workflow". */
  label: string;
  children: ReactNode;
}

/** The parts of a page, each with an address of its own, under the page's title. Holds `TabLink`s. */
export function Tabs({ label, children }: TabsProps) {
  return (
    <nav aria-label={label} className="sw-tabs">
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
