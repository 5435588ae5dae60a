import type { UseQueryResult } from "@tanstack/react-query";
import { CloudOff, Leaf, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { problemOf } from "../api/problem";
import { problemText, useWords } from "../app/AppContext";
import { Button } from "./controls";

export function Loading({ lines = 3 }: { lines?: number }) {
  const { t } = useWords();
  return (
    <div className="loading" role="status" aria-label={t("common.loading")}>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className="skeleton" />
      ))}
    </div>
  );
}

export function Empty({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Leaf className="empty-icon" size={36} aria-hidden />
      <p className="empty-title">{title}</p>
      {text ? <p className="muted">{text}</p> : null}
      {children}
    </div>
  );
}

export function Failure({ failure, onRetry }: { failure: unknown; onRetry?: () => void }) {
  const words = useWords();
  const { t } = words;
  const missing = problemOf(failure).code === "not_found";
  return (
    <div className="empty" role="alert">
      {problemOf(failure).status === 0 ? (
        <CloudOff className="empty-icon" size={36} aria-hidden />
      ) : (
        <TriangleAlert className="empty-icon" size={36} aria-hidden />
      )}
      <p className="empty-title">{missing ? t("common.notAvailable.title") : t("common.failed.title")}</p>
      <p className="muted">{missing ? t("common.notAvailable.text") : problemText(words, failure)}</p>
      {onRetry ? <Button onPress={onRetry}>{t("common.tryAgain")}</Button> : null}
    </div>
  );
}

/** What a query has: its content once it is there, and until then a word about why not. */
export function Answer<Content>({
  query,
  children,
  lines,
}: {
  query: UseQueryResult<Content>;
  children(content: Content): ReactNode;
  lines?: number;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failure failure={query.error} onRetry={() => void query.refetch()} />;
  return <Loading {...(lines ? { lines } : {})} />;
}
