const MAX_SLUG = 60;

/** A name as a part of a file's: ASCII letters, digits and hyphens. "Über-Report (2)" -> "uber-report-2". */
export function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? "workflow" : slug;
}

/** `Content-Disposition` (RFC 6266) of a file to be saved, with its name in full for those who read RFC 8187. */
export function attachment(name: string, extension: string): string {
  // A lone half of a surrogate pair has no UTF-8, and encodeURIComponent throws at it.
  const full = `${name.replaceAll(/[/\\\p{Cc}]/gu, "-").slice(0, 150)}.${extension}`.toWellFormed();
  const encoded = encodeURIComponent(full).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${slugOf(name)}.${extension}"; filename*=UTF-8''${encoded}`;
}
