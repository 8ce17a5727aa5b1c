/**
 * The page to go to after signing in, as an address of this dashboard, else "/". A sign-in link that somebody sends must
 * not lead to another site, which could show a page that looks like ours.
 */
export declare function safePath(path: string | undefined): string;
