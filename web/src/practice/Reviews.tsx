import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import type { Review } from "../api/types";
import { useApp, useProblemToast, useWords } from "../app/AppContext";
import { useLiveOrNull } from "../app/LiveContext";
import { useGrowingList } from "../data/useGrowingList";
import { Button, Field } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { plainLines } from "../ui/plainText";
import { Stars } from "../ui/Stars";

/** What customers said of a therapist; the therapist can answer each once. */
export function Reviews({ therapistId, canReply = false }: { therapistId: string; canReply?: boolean }) {
  const words = useWords();
  const { t } = words;
  const { publicApi } = useApp();
  const reviews = useGrowingList<Review>({
    queryKey: ["catalogue", "reviews", therapistId],
    idOf: ({ bookingId }) => bookingId,
    orderOf: () => null,
    page: (cursor) =>
      answer(publicApi.GET("/therapists/{therapistId}/reviews", { params: { path: { therapistId }, query: cursor ? { cursor } : {} } })),
  });
  return (
    <section className="card stack">
      <h2>{t("review.list")}</h2>
      <GrowingList list={reviews} lines={2} empty={<p className="muted">{t("review.none")}</p>}>
        {(items) => (
          <ul className="bare stack">
            {items.map((review) => (
              <li key={review.bookingId} className="stack stack-tight">
                <span className="row row-tight">
                  <Stars count={review.rating} />
                  <time className="muted small" dateTime={review.createdAt}>
                    {words.date(review.createdAt)}
                  </time>
                </span>
                {review.text ? <p className="lines-kept">{review.text}</p> : null}
                {review.reply ? (
                  <p className="small lines-kept">
                    <strong>{t("review.reply")}:</strong> {review.reply}
                  </p>
                ) : canReply ? (
                  <Reply bookingId={review.bookingId} />
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </GrowingList>
    </section>
  );
}

function Reply({ bookingId }: { bookingId: string }) {
  const { t } = useWords();
  const live = useLiveOrNull();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [isOpen, setIsOpen] = useState(false);
  const [text, setText] = useState("");
  const said = plainLines(text);
  const send = useMutation({
    mutationFn: async () =>
      live ? answer(live.api.POST("/me/reviews/{bookingId}/reply", { params: { path: { bookingId } }, body: { text: said } })) : null,
    onSuccess: () => setIsOpen(false),
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["catalogue", "reviews"] }),
  });
  if (!isOpen) {
    return (
      <div>
        <Button size="small" onPress={() => setIsOpen(true)}>
          {t("review.answer")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (said) send.mutate();
      }}
    >
      <Field label={t("review.reply")} rows={2} maxLength={2000} value={text} onChange={setText} />
      <div className="row row-end">
        <Button size="small" onPress={() => setIsOpen(false)}>
          {t("common.cancel")}
        </Button>
        <Button size="small" look="primary" type="submit" busy={send.isPending} isDisabled={!said}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}
