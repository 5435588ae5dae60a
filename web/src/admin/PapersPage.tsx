import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { Paper } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { AttachmentView } from "../chat/AttachmentView";
import { useFilters } from "../data/useFilters";
import { useGrowingList } from "../data/useGrowingList";
import { Button, Choice } from "../ui/controls";
import { ReasonField } from "../ui/ReasonField";
import { GrowingList } from "../ui/GrowingList";
import { plainLines } from "../ui/plainText";
import { Question, Sheet } from "../ui/Sheet";
import { Empty } from "../ui/states";
import { toast } from "../ui/toasts";

const STATUSES = ["submitted", "approved", "rejected", "expired"] as const;

/** Therapists' papers, for those who judge them. */
export default function PapersPage() {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  usePageTitle(t("papers.title"));
  const [filters, setFilters] = useFilters({ status: "submitted" }, { status: STATUSES });
  const status = filters.status as (typeof STATUSES)[number];
  const [shown, setShown] = useState<Paper | null>(null);
  const [rejecting, setRejecting] = useState<Paper | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const papers = useGrowingList<Paper>({
    queryKey: ["admin", "papers", status],
    idOf: ({ documentId }) => documentId,
    orderOf: () => null,
    isShown: (paper) => paper.status === status,
    page: (cursor) => answer(api.GET("/admin/documents", { params: { query: { status, ...(cursor ? { cursor } : {}) } } })),
  });
  const judge = useMutation({
    mutationFn: ({ paper, because }: { paper: Paper; because: string | null }) => {
      const params = { path: { documentId: paper.documentId } };
      return because === null
        ? answer(api.POST("/admin/documents/{documentId}/approve", { params }))
        : answer(api.POST("/admin/documents/{documentId}/reject", { params, body: { reason: because } }));
    },
    onSuccess: () => toast(t("common.saved"), "good"),
    onError: sayProblem,
    onSettled: () => {
      setRejecting(null);
      void queries.invalidateQueries({ queryKey: ["admin", "papers"] });
    },
  });
  const isLacking = plainLines(reason) === "";
  return (
    <div className="stack">
      <h1>{t("papers.title")}</h1>
      <Choice
        label={t("admin.bookings.status")}
        hideLabel
        onOneLine
        value={status}
        onChange={(value) => setFilters({ status: value })}
        options={STATUSES.map((value) => ({ value, label: t(`papers.status.${value}`) }))}
      />
      <GrowingList list={papers} empty={<Empty title={t("papers.none")} />}>
        {(items) => (
          <ul className="people">
            {items.map((paper) => (
              <li key={paper.documentId} className="card person">
                <div className="person-text">
                  <strong>
                    {t(`document.${paper.kind}`)} · {paper.number}
                  </strong>
                  <span className="muted small">
                    <Link href={`/therapists/${paper.therapistId}`}>{paper.therapistId}</Link> ·{" "}
                    {t("papers.until", { date: words.date(`${paper.expiresOn}T12:00:00Z`, "UTC") })}
                  </span>
                  {paper.reason ? <span className="small lines-kept">{paper.reason}</span> : null}
                  <span className="row">
                    <Button size="small" onPress={() => setShown(paper)}>
                      {t("papers.view")}
                    </Button>
                    {paper.status === "submitted" ? (
                      <>
                        <Button size="small" look="good" busy={judge.isPending && judge.variables.paper === paper} onPress={() => judge.mutate({ paper, because: null })}>
                          {t("admin.payments.approve")}
                        </Button>
                        <Button
                          size="small"
                          look="danger"
                          onPress={() => {
                            setTried(false);
                            setReason("");
                            setRejecting(paper);
                          }}
                        >
                          {t("admin.payments.reject")}
                        </Button>
                      </>
                    ) : null}
                  </span>
                </div>
              </li>
            ))}
          </ul>
        )}
      </GrowingList>
      {shown ? (
        <Sheet title={t(`document.${shown.kind}`)} onClose={() => setShown(null)} size="wide">
          <AttachmentView attachmentId={shown.documentId} isImage={false} caption={t(`document.${shown.kind}`)} />
        </Sheet>
      ) : null}
      {rejecting ? (
        <Question
          title={t("papers.reject.title")}
          text={t("papers.reject.text")}
          confirm={t("admin.payments.reject")}
          look="danger"
          busy={judge.isPending}
          onConfirm={() => {
            setTried(true);
            if (!isLacking) judge.mutate({ paper: rejecting, because: plainLines(reason) });
          }}
          onClose={() => setRejecting(null)}
        >
          <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
        </Question>
      ) : null}
    </div>
  );
}
