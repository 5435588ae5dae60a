import type { ReactNode } from "react";
import { useWords } from "../app/AppContext";
import type { Grown } from "../data/useGrowingList";
import { Button } from "./controls";
import { Failure, Loading } from "./states";

interface GrowingListProperties<Item> {
  list: Grown<Item>;
  lines?: number;
  /** What stands where nothing is found. */
  empty: ReactNode;
  children(items: Item[]): ReactNode;
}

/** A list with a word for every state it can be in, and a button for more of it. */
export function GrowingList<Item>({ list, lines = 5, empty, children }: GrowingListProperties<Item>) {
  const { t } = useWords();
  if (list.items.length === 0) {
    if (list.failure) return <Failure failure={list.failure} onRetry={list.retry} />;
    return list.isPending ? <Loading lines={lines} /> : empty;
  }
  return (
    <>
      {children(list.items)}
      {list.hasMore ? (
        <Button busy={list.isLoadingMore} onPress={list.more}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}
