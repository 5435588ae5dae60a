import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";

type Paged = Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetching" | "isError" | "fetchNextPage">;

/** Asks for the next page as long as nothing is found: a page of a filtered list can be empty although there is more. */
export function useFurtherBack({ hasNextPage, isFetching, isError, fetchNextPage }: Paged, found: number): void {
  useEffect(() => {
    if (found === 0 && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [found, hasNextPage, isFetching, isError, fetchNextPage]);
}
