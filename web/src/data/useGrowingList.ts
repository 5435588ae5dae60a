import { useQuery, useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { joined, pushedDown, type Further, type ListPage, type Shape } from "./growing";

interface GrowingList<Item> extends Shape<Item> {
  /** Names the list with its filters; changes of what it begins with refresh the first page alone. */
  queryKey: QueryKey;
  /** Null asks for the first page. */
  page(cursor: string | null): Promise<ListPage<Item>>;
  refetchInterval?: number;
  /** Which items of it are shown; as long as none is, further pages are asked for. */
  isShown?(item: Item): boolean;
}

export interface Grown<Item> {
  /** Those that are shown. */
  items: Item[];
  /** All that have been read. */
  all: Item[];
  /** Nothing is known yet, or nothing is found yet though there is more to look through. */
  isPending: boolean;
  /** Why there is nothing to show; null otherwise. */
  failure: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  more(): void;
  retry(): void;
}

const everything = () => true;

/**
 * A list that grows as somebody asks for more of it. However long it has grown, a change asks the server for one page:
 * the first, where what is new stands; what follows stays as it was read.
 */
export function useGrowingList<Item>(list: GrowingList<Item>): Grown<Item> {
  const { queryKey, page, idOf, orderOf, refetchInterval, isShown = everything } = list;
  const queries = useQueryClient();
  const furtherKey = ["further", ...queryKey];
  const first = useQuery({
    queryKey,
    refetchInterval: refetchInterval ?? false,
    queryFn: async () => {
      const former = queries.getQueryData<ListPage<Item>>(queryKey);
      const present = await page(null);
      queries.setQueryData<Further<Item> | null>(furtherKey, (further) => pushedDown(former, present, further, { idOf, orderOf }));
      return present;
    },
  });
  // Only ever written by hand: it is never asked for as a whole.
  const further = useQuery<Further<Item> | null>({
    queryKey: furtherKey,
    queryFn: () => Promise.reject(new Error("what follows is loaded page by page")),
    enabled: false,
    gcTime: 10 * 60_000,
  });
  const [loading, setLoading] = useState<string | null>(null);
  const [failed, setFailed] = useState<{ cursor: string; failure: unknown } | null>(null);
  const cursor = further.data ? further.data.nextCursor : (first.data?.nextCursor ?? null);
  const all = joined(first.data, further.data, { idOf });
  const items = all.filter(isShown);
  const name = JSON.stringify(furtherKey);

  const load = useCallback(
    async (from: string) => {
      setLoading(from);
      setFailed(null);
      try {
        const next = await page(from);
        queries.setQueryData<Further<Item> | null>(furtherKey, (present) => ({
          items: [...(present?.items ?? []), ...next.items],
          nextCursor: next.nextCursor,
        }));
      } catch (failure) {
        setFailed({ cursor: from, failure });
      } finally {
        setLoading(null);
      }
    },
    // The key names everything that the page depends on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [queries, name],
  );
  const more = useCallback(() => {
    if (cursor !== null && loading === null) void load(cursor);
  }, [cursor, loading, load]);

  // A page of a filtered list can be empty although there is more.
  const isEmptySoFar = items.length === 0 && cursor !== null && first.isSuccess;
  const hasFailed = failed !== null && failed.cursor === cursor;
  useEffect(() => {
    if (isEmptySoFar && !hasFailed) more();
  }, [isEmptySoFar, hasFailed, more]);

  return {
    items,
    all,
    isPending: first.isPending || (isEmptySoFar && !hasFailed),
    failure: items.length > 0 ? null : first.isError ? first.error : hasFailed ? failed.failure : null,
    hasMore: cursor !== null && first.isSuccess,
    isLoadingMore: loading !== null,
    more,
    retry: () => (first.isError ? void first.refetch() : more()),
  };
}

/** Changes an item wherever a list that has grown shows it; the first pages are asked for anew anyway. */
export function changeInLists<Item extends object>(queries: QueryClient, beginning: QueryKey, change: (item: Item) => Item): void {
  for (const queryKey of [beginning, ["further", ...beginning]]) {
    queries.setQueriesData<Partial<Further<Item>> | null>({ queryKey }, (list) =>
      list?.items ? { ...list, items: list.items.map(change) } : list,
    );
  }
}
