import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";

/** A part of a list, as every list of the API answers it. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** A list as `DataTable` takes it. */
export interface Listing<Item> {
  /** Undefined until the first page is there. */
  rows: Item[] | undefined;
  error: Error | null;
  retry: () => void;
  /** Null when all of it is loaded. */
  more: (() => void) | null;
  loadingMore: boolean;
}

interface PagesOptions<Item> {
  /** How often (ms) it is asked for again by itself, by what it shows; `false` for never. */
  pollMs?: (rows: readonly Item[]) => number | false;
}

/**
 * A list of the API, page by page: `usePages(keys.executions.list(filters), (cursor) => answer(client.api.executions.$get({ query: { ...filters, ...cursor } })))`.
 * What was loaded stays on screen while it is asked for again.
 */
export function usePages<Item>(
  queryKey: QueryKey,
  load: (cursor: { cursor?: string }) => Promise<Page<Item>>,
  { pollMs }: PagesOptions<Item> = {},
): Listing<Item> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam === null ? {} : { cursor: pageParam }),
    initialPageParam: firstPage(),
    getNextPageParam: (last) => last.nextCursor,
    refetchInterval: ({ state }) => pollMs?.(state.data?.pages.flatMap((page) => page.items) ?? []) ?? false,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingMore: query.isFetchingNextPage,
  };
}

/** A list that comes as a whole, as `DataTable` takes it: a query, and where in its answer the rows are. */
export function wholeList<Data, Item>(
  query: { data: Data | undefined; error: Error | null; refetch: () => unknown },
  rowsOf: (data: Data) => Item[],
): Listing<Item> {
  return {
    rows: query.data === undefined ? undefined : rowsOf(query.data),
    error: query.error,
    retry: () => void query.refetch(),
    more: null,
    loadingMore: false,
  };
}

/** Said as a function: a bare null would be all that the cursor may ever be. */
function firstPage(): string | null {
  return null;
}
