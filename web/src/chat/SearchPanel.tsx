import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer } from "../api/client";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button, Field } from "../ui/controls";
import { Failure } from "../ui/states";

interface SearchPanelProperties {
  conversationId: string;
  onChoose(sequence: number): void;
  onClose(): void;
}

export function SearchPanel({ conversationId, onChoose, onClose }: SearchPanelProperties) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const [text, setText] = useState("");
  const wanted = useSettled(text.trim(), 300);
  const hits = useInfiniteQuery({
    queryKey: ["search", conversationId, wanted],
    enabled: wanted.length >= 2,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/rooms/{conversationId}/messages", {
          params: { path: { conversationId }, query: { search: wanted, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
  const found = hits.data?.pages.flatMap((page) => page.items) ?? [];
  // A page of hits can be empty although older messages have some: it looks on until there are, or no more messages.
  const { hasNextPage, isFetching, isError, fetchNextPage } = hits;
  const isLookingOn = hits.isFetching || (found.length === 0 && hasNextPage && !isError);
  useEffect(() => {
    if (found.length === 0 && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [found.length, hasNextPage, isFetching, isError, fetchNextPage]);
  return (
    <search className="search-panel">
      <div className="row row-bottom">
        <Field label={t("chat.searchFor")} value={text} onChange={setText} autoComplete="off" />
        <Button onPress={onClose}>{t("common.close")}</Button>
      </div>
      {wanted.length < 2 ? <p className="muted small">{t("chat.searchHint")}</p> : null}
      {hits.isError ? <Failure failure={hits.error} onRetry={() => void (hits.data ? hits.fetchNextPage() : hits.refetch())} /> : null}
      <p className="muted small" role="status">
        {wanted.length < 2
          ? null
          : isLookingOn
            ? t(hits.data ? "chat.searchingOlder" : "chat.searching")
            : hits.isSuccess
              ? found.length === 0
                ? t("chat.searchEmpty")
                : t("chat.searchFound", { count: found.length })
              : null}
      </p>
      <ul className="search-hits">
        {found.map((message) => (
          <li key={message.sequence}>
            <button type="button" className="search-hit" onClick={() => onChoose(message.sequence)}>
              <span className="small muted">
                {message.senderRole === "system" ? t("role.system") : message.senderName} · {words.dateTime(message.timestamp)}
              </span>
              <span>{message.message}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > 0 && hits.hasNextPage ? (
        <Button size="small" busy={hits.isFetchingNextPage} onPress={() => void hits.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </search>
  );
}

function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
