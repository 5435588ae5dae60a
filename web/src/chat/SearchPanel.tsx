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
  return (
    <search className="search-panel">
      <div className="row row-bottom">
        <Field label={t("chat.searchFor")} value={text} onChange={setText} autoComplete="off" />
        <Button onPress={onClose}>{t("common.close")}</Button>
      </div>
      {wanted.length < 2 ? <p className="muted small">{t("chat.searchHint")}</p> : null}
      {hits.isError ? <Failure failure={hits.error} onRetry={() => void hits.refetch()} /> : null}
      {hits.isSuccess && found.length === 0 && !hits.hasNextPage ? <p className="muted">{t("chat.searchEmpty")}</p> : null}
      <ul className="search-hits" role="status">
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
      {hits.hasNextPage ? (
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
