const UNITS = [
  { size: 1_000_000_000, name: "GB" },
  { size: 1_000_000, name: "MB" },
  { size: 1_000, name: "kB" },
] as const;

/** The size of a file as people read it: "812 B", "12.4 kB", "3.1 MB". */
export function formatBytes(bytes: number): string {
  // From 999,950 on a thousandth of the next unit would read as "1000.0".
  const unit = UNITS.find(({ size }) => bytes >= size * (size === 1_000 ? 1 : 0.99995));
  if (!unit) return `${bytes} B`;
  return `${(bytes / unit.size).toFixed(1).replace(/\.0$/, "")} ${unit.name}`;
}
