/**
 * The page to go to after signing in, as an address of this dashboard, else "/". A sign-in link that somebody sends must
 * not lead to another site, which could show a page that looks like ours.
 */
export function safePath(path: string | undefined): string {
  if (path === undefined || !path.startsWith("/")) return "/";
  const base = "https://dashboard.invalid";
  const url = URL.canParse(path, base) ? new URL(path, base) : null;
  // "//evil.example" and "/\evil.example" begin with a slash and are other hosts.
  return url === null || url.origin !== base ? "/" : `${url.pathname}${url.search}${url.hash}`;
}
