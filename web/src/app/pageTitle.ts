import { useEffect } from "react";
import { useWords } from "./AppContext";

/** What the browser's tab says: how much waits, where one is, and of what. */
let page: string | null = null;
let waiting = 0;
let product = "Teduh";
/** What has just happened, in a word or two. */
let news: string | null = null;

function write(): void {
  const title = page === null || page === product ? product : `${page} · ${product}`;
  const told = news === null ? title : `${news} · ${title}`;
  document.title = waiting > 0 ? `(${waiting}) ${told}` : told;
}

/** Says what has just happened first, for those who look at another tab; null says it no more. */
export function newsInTitle(text: string | null): void {
  if (news === text) return;
  news = text;
  write();
}

/** Unread messages and waiting requests. */
export function countInTitle(count: number): void {
  waiting = count;
  write();
  // An installed app says it on its icon too; where that cannot be, nobody misses it.
  const app: Partial<Pick<Navigator, "setAppBadge" | "clearAppBadge">> = navigator;
  void (count > 0 ? app.setAppBadge?.(count) : app.clearAppBadge?.())?.catch(() => undefined);
}

/** Names the page in the tab and in the history for as long as it is shown. */
export function usePageTitle(title: string | null): void {
  const { t } = useWords();
  const name = t("app.name");
  useEffect(() => {
    if (title === null) return;
    const mine = title;
    page = mine;
    product = name;
    write();
    return () => {
      if (page !== mine) return;
      page = null;
      write();
    };
  }, [title, name]);
}
