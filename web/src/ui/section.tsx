import { type ReactNode, useId } from "react";
import "./section.css";

interface SectionProps {
  title: string;
  /** One sentence: what this part is for. */
  sentence?: ReactNode;
  /** What can be done here; the main action last. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Section({ title, sentence, action, children }: SectionProps) {
  const heading = useId();
  return (
    <section className="sw-section" aria-labelledby={heading}>
      <header className="sw-section-head">
        <div>
          <h2 id={heading}>{title}</h2>
          {sentence !== undefined && <p>{sentence}</p>}
        </div>
        {action !== undefined && <div className="sw-page-actions">{action}</div>}
      </header>
      {children}
    </section>
  );
}
