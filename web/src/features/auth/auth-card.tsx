import { type ReactNode, useEffect } from "react";
import "./auth.css";

interface AuthCardProps {
  title: string;
  sentence: ReactNode;
  children: ReactNode;
  /** Under the card: the way to the other pages. */
  foot?: ReactNode;
}

/** The frame of the pages for people who are not signed in. */
export function AuthCard({ title, sentence, children, foot }: AuthCardProps) {
  useEffect(() => {
    document.title = `${title} · Swarm`;
  }, [title]);
  return (
    <main className="sw-auth">
      <div className="sw-auth-card">
        <div className="sw-auth-brand">
          <svg width="20" height="20" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
            <circle cx="4" cy="8" r="3" />
            <circle cx="12" cy="4" r="2.5" />
            <circle cx="12" cy="12" r="2.5" />
          </svg>
          Swarm
        </div>
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          <p>{sentence}</p>
        </div>
        {children}
        {foot !== undefined && <p>{foot}</p>}
      </div>
    </main>
  );
}
