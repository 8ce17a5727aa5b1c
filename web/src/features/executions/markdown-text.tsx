import type { ComponentProps } from "react";
import Markdown, { type Components, type ExtraProps } from "react-markdown";
import remarkGfm from "remark-gfm";
import { safeLink } from "../../lib/safe-link.ts";
import "./markdown-text.css";

const PLUGINS = [remarkGfm];

/** What a model wrote must not take the place of the page's own headings. */
const HEADINGS = { h1: "h3", h2: "h4", h3: "h5", h4: "h6", h5: "h6", h6: "h6" } as const;

const COMPONENTS: Components = {
  ...HEADINGS,
  a: SafeAnchor,
  img: NamedPicture,
  input: TaskMark,
  pre: ({ node: _, ...rest }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable for those without a mouse
    <pre tabIndex={0} {...rest} />
  ),
  table: ({ node: _, ...rest }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable for those without a mouse
    <div className="sw-md-scroll" tabIndex={0}>
      <table {...rest} />
    </div>
  ),
};

/**
 * A text that an agent wrote, as Markdown with tables. HTML in it is shown as the text that it is; links go to the web and
 * to mail only; pictures are named and never fetched, which would tell their host who reads.
 */
export function MarkdownText({ text }: { text: string }) {
  return (
    <div className="sw-md">
      <Markdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={(address) => safeLink(address) ?? ""}>
        {text}
      </Markdown>
    </div>
  );
}

function SafeAnchor({ href, children }: ComponentProps<"a"> & ExtraProps) {
  if (href === undefined || href === "") return <span title="The link is not followed from here">{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
    </a>
  );
}

function NamedPicture({ alt }: ComponentProps<"img"> & ExtraProps) {
  return <span className="sw-muted">[Picture{alt ? `: ${alt}` : ""}]</span>;
}

function TaskMark({ checked }: ComponentProps<"input"> & ExtraProps) {
  return <span>{checked ? "☑ " : "☐ "}</span>;
}
