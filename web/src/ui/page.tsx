import { type ReactNode, useEffect } from "react";
import "./page.css";

interface PageProps {
  title: string;
  /** One sentence: what the page is for. */
  sentence?: ReactNode;
  /** The way here, as links. */
  crumbs?: readonly ReactNode[];
  /**
   * Under the title, such as a state. It has the whole width: beside the actions, which come and go with the state, it
   * would break into lines differently each time, and move the page.
   */
  beside?: ReactNode;
  /** The primary action, and others before it. */
  action?: ReactNode;
  /** `Tabs`, where a page has parts of its own. */
  tabs?: ReactNode;
  /** A `FilterBar`. */
  filters?: ReactNode;
  /** For canvases: takes the whole width. */
  wide?: boolean;
  children: ReactNode;
}

/** The frame of every page. Names the browser's tab, and holds the heading that takes focus after a navigation. */
export function Page({
  title,
  sentence,
  crumbs = [],
  beside,
  action,
  tabs,
  filters,
  wide = false,
  children,
}: PageProps) {
  useEffect(() => {
    document.title = `${title} · Swarm`;
  }, [title]);
  return (
    <div className="sw-page" data-wide={wide}>
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb">
          <ol className="sw-crumbs">
            {crumbs.map((crumb, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a crumb is its place on the way
              <li key={place}>{crumb}</li>
            ))}
          </ol>
        </nav>
      )}
      <header>
        <div className="sw-page-head">
          <div>
            <h1 tabIndex={-1}>{title}</h1>
            {sentence !== undefined && <p>{sentence}</p>}
          </div>
          {action !== undefined && <div className="sw-page-actions">{action}</div>}
        </div>
        {beside}
      </header>
      {tabs}
      {filters}
      {children}
    </div>
  );
}
