import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import "./callout.css";

/** Something on a page that should not be overlooked, and what to do about it. */
export function Callout({ children }: { children: ReactNode }) {
  return (
    <div className="sw-callout" role="status">
      <IconAlertTriangle size={16} aria-hidden />
      <p>{children}</p>
    </div>
  );
}
