import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Booking } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { keep, kept } from "../app/kept";
import { useLive } from "../app/LiveContext";
import { serverNow } from "../app/serverClock";
import { Button, Choice, Field } from "../ui/controls";
import { plainLines } from "../ui/plainText";

const OPEN_FOR = 14 * 24 * 60 * 60_000;
const RATINGS = ["1", "2", "3", "4", "5"] as const;

/** What a party says of a visit that is over, once. */
export function ReviewForm({ booking }: { booking: Booking }) {
  const words = useWords();
  const { t } = words;
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const key = `teduh.reviewed.${identity.userId}.${booking.bookingId}`;
  const [isDone, setIsDone] = useState(() => kept(key) !== null);
  const [rating, setRating] = useState<(typeof RATINGS)[number] | null>(null);
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const done = () => {
    keep(key, "yes");
    setIsDone(true);
  };
  const send = useMutation({
    mutationFn: () => {
      const said = plainLines(text);
      const body = { rating: Number(rating), ...(said ? { text: said } : {}) };
      return answer(api.POST("/bookings/{bookingId}/review", { params: { path: { bookingId: booking.bookingId } }, body }));
    },
    onSuccess: () => {
      done();
      void queries.invalidateQueries({ queryKey: ["catalogue"] });
    },
    onError: (failure) => {
      // It was said already, on another device.
      if (problemOf(failure).code === "invalid_transition") done();
    },
  });
  const isOpen = booking.status === "completed" && booking.completedAt !== null && serverNow() - Date.parse(booking.completedAt) < OPEN_FOR;
  if (!isOpen || identity.role === "admin") return null;
  if (isDone) {
    return (
      <p className="notice" role="status">
        {t("review.done")}
      </p>
    );
  }
  return (
    <form
      className="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (rating) send.mutate();
      }}
    >
      <h2>{t("review.title")}</h2>
      <p className="muted small">{t("review.text")}</p>
      <Choice<(typeof RATINGS)[number]>
        label={t("review.rating")}
        value={rating}
        onChange={(value) => setRating(value)}
        options={RATINGS.map((value) => ({ value, label: `${value} ★`, name: t("review.stars", { count: Number(value) }) }))}
      />
      {tried && !rating ? (
        <p className="field-problem" role="alert">
          {t("review.chooseRating")}
        </p>
      ) : null}
      <Field label={t("review.words")} rows={3} maxLength={2000} value={text} onChange={setText} />
      {send.isError ? (
        <p className="notice notice-bad" role="alert">
          {problemText(words, send.error)}
        </p>
      ) : null}
      <div className="row row-end">
        <Button type="submit" look="primary" busy={send.isPending}>
          {t("review.send")}
        </Button>
      </div>
    </form>
  );
}
