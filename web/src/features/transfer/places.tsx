import "./transfer.css";

interface PlacesProps {
  /** What they are, for those who listen: "Faults". */
  label: string;
  /** An empty path is the whole file. */
  places: readonly { path: string; message: string }[];
}

/** Faults, warnings and findings, each with its place in a file. */
export function Places({ label, places }: PlacesProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable for those without a mouse
    <ul className="sw-places" aria-label={label} tabIndex={0}>
      {places.map(({ path, message }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two faults may be at one place, and the list never changes
        <li key={place}>
          <span className="sw-mono">{path === "" ? "the file" : path}</span>
          <span>{message}</span>
        </li>
      ))}
    </ul>
  );
}
