import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import { problemOf } from "../api/problem";
import type { Booking } from "../api/types";
import { problemText, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button, Field } from "../ui/controls";
import { plainLines } from "../ui/plainText";
import { LONGEST_REASON } from "../ui/limits";
import { Question } from "../ui/Sheet";
import { useBookingCommand } from "./useBookingCommand";



/** Asks before a booking is cancelled, and says first what that costs. */
export function CancelQuestion({ booking, onClose }: { booking: Booking; onClose(): void }) {
  const words = useWords();
  const { t, money } = words;
  const { api, identity } = useLive();
  const isCustomer = identity.role === "customer";
  const needsReason = identity.role === "therapist";
  const command = useBookingCommand((failure) => {
    // The fee is another one by now: it is shown, and asked for anew.
    if (problemOf(failure).code !== "quote_stale") return false;
    void cost.refetch();
    return true;
  });
  const [reason, setReason] = useState("");
  const [isLacking, setIsLacking] = useState(false);
  const cost = useQuery({
    queryKey: ["cancellation", booking.bookingId, booking.version],
    enabled: isCustomer,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: 30_000,
    queryFn: () => answer(api.GET("/bookings/{bookingId}/cancellation", { params: { path: { bookingId: booking.bookingId } } })),
  });
  const fee = cost.data?.fee;
  const isStale = command.isError && problemOf(command.error).code === "quote_stale";

  function confirm() {
    const given = plainLines(reason);
    setIsLacking(needsReason && !given);
    // Nobody pays what they have not been shown.
    if ((needsReason && !given) || (isCustomer && fee === undefined)) return;
    command.mutate(
      { command: "cancel", booking, ...(given ? { reason: given } : {}), ...(isCustomer && fee !== undefined ? { fee } : {}) },
      {
        onSuccess: onClose,
        onError: (failure) => {
          if (problemOf(failure).code !== "quote_stale") onClose();
        },
      },
    );
  }

  return (
    <Question
      title={t("action.cancel.title")}
      text={t("action.cancel.text")}
      confirm={isCustomer && fee ? t("action.cancel.forFee", { fee: money(fee) }) : t("action.cancel")}
      cancel={t("action.cancel.keep")}
      look="danger"
      busy={command.isPending || (isCustomer && cost.isPending)}
      onConfirm={confirm}
      onClose={onClose}
    >
      {isCustomer ? (
        <div className={fee ? "notice notice-bad" : "notice"} role="status">
          {isStale ? <strong>{t("action.cancel.changed")} </strong> : null}
          {cost.isError ? (
            <>
              {problemText(words, cost.error)}{" "}
              <Button size="small" onPress={() => void cost.refetch()}>
                {t("common.tryAgain")}
              </Button>
            </>
          ) : !cost.data ? (
            t("book.pricing")
          ) : cost.data.fee > 0 ? (
            t("action.cancel.fee", { fee: money(cost.data.fee), percent: words.percent(cost.data.feeBps / 10_000) })
          ) : cost.data.freeUntil ? (
            t("action.cancel.freeUntil", { time: words.dateTime(cost.data.freeUntil, booking.timeZone) })
          ) : (
            t("action.cancel.free")
          )}
        </div>
      ) : null}
      <Field
        label={needsReason ? t("common.reason") : t("common.reasonOptional")}
        rows={2}
        maxLength={LONGEST_REASON}
        required={needsReason}
        value={reason}
        onChange={setReason}
        problem={isLacking ? t("common.reasonRequired") : null}
      />
    </Question>
  );
}
