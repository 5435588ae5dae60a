import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import type { ListedPayment } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { useGrowingList } from "../data/useGrowingList";
import { Button, Choice, Field } from "../ui/controls";
import { ReasonField } from "../ui/ReasonField";
import { GrowingList } from "../ui/GrowingList";
import { plainLine, plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { Empty } from "../ui/states";
import { toast } from "../ui/toasts";
import { BookingLink } from "./BookingLink";
import { useRefetchInterval } from "./refreshing";

/** What was asked to be paid by QRIS, and what came in; what settles nothing waits for a decision. */
export default function QrisPayments() {
  const { t } = useWords();
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const [resolving, setResolving] = useState<ListedPayment | null>(null);
  const payments = useGrowingList<ListedPayment>({
    queryKey: ["admin", "payments"],
    refetchInterval,
    idOf: ({ paymentId }) => paymentId,
    orderOf: () => null,
    page: (cursor) => answer(api.GET("/admin/payments", { params: { query: cursor ? { cursor } : {} } })),
  });
  return (
    <>
      <GrowingList list={payments} empty={<Empty title={t("admin.qris.empty.title")} text={t("admin.qris.empty.text")} />}>
        {(items) => (
          <ul className="commissions">
            {items.map((payment) => (
              <li key={payment.paymentId}>
                <PaymentCard payment={payment} onResolve={() => setResolving(payment)} />
              </li>
            ))}
          </ul>
        )}
      </GrowingList>
      {resolving ? <ResolvePayment payment={resolving} onClose={() => setResolving(null)} /> : null}
    </>
  );
}

function PaymentCard({ payment, onResolve }: { payment: ListedPayment; onResolve(): void }) {
  const words = useWords();
  const { t, money } = words;
  const isWaiting = payment.unmatchedAmount > 0;
  return (
    <article className={isWaiting ? "card commission commission-overdue" : "card commission"} data-payment={payment.paymentId}>
      <div className="commission-text">
        <strong>
          {payment.therapistId} · {money(payment.amount)}
        </strong>
        <span className="muted small">
          {words.dateTime(payment.createdAt, "Asia/Jakarta")} · <BookingLink bookingId={payment.bookingId} />
        </span>
        {payment.receivedAmount > 0 && payment.receivedAmount !== payment.amount ? (
          <span className="small">{t("admin.qris.received", { amount: money(payment.receivedAmount) })}</span>
        ) : null}
        {payment.appliedAmount > 0 ? <span className="small">{t("admin.qris.applied", { amount: money(payment.appliedAmount) })}</span> : null}
        {payment.refundedAmount > 0 ? <span className="small">{t("admin.qris.refunded", { amount: money(payment.refundedAmount) })}</span> : null}
        {isWaiting ? <span className="bad small">{t("admin.qris.unmatched", { amount: money(payment.unmatchedAmount) })}</span> : null}
      </div>
      <span className={`badge badge-payment-${isWaiting ? "overdue" : payment.status === "paid" ? "paid" : "pending"}`}>
        {t(`admin.qris.status.${payment.status}`)}
      </span>
      {isWaiting ? (
        <Button size="small" look="primary" onPress={onResolve}>
          {t("admin.qris.decide")}
        </Button>
      ) : null}
    </article>
  );
}

const ACTIONS = ["apply", "refund", "keep"] as const;
type Action = (typeof ACTIONS)[number];

function ResolvePayment({ payment, onClose }: { payment: ListedPayment; onClose(): void }) {
  const { t, money } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [action, setAction] = useState<Action>("apply");
  const [bookingId, setBookingId] = useState(payment.bookingId);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const isLacking = plainLines(reason) === "";
  const booking = plainLine(bookingId);
  const step = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/admin/payments/{paymentId}/resolve", {
          params: { path: { paymentId: payment.paymentId } },
          body: { action, reason: plainLines(reason), ...(action === "apply" && booking ? { bookingId: booking } : {}) },
        }),
      ),
    onSuccess: () => {
      toast(t("admin.qris.resolved"), "good");
      onClose();
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (
    <Question
      title={t("admin.qris.decide.title")}
      text={t("admin.qris.decide.text", { amount: money(payment.unmatchedAmount) })}
      confirm={t("admin.qris.decide")}
      busy={step.isPending}
      onConfirm={() => {
        setTried(true);
        if (!isLacking) step.mutate();
      }}
      onClose={onClose}
    >
      <Choice<Action>
        label={t("admin.qris.action")}
        value={action}
        onChange={setAction}
        options={ACTIONS.map((value) => ({ value, label: t(`admin.qris.action.${value}`) }))}
      />
      {action === "apply" ? <Field label={t("admin.qris.booking")} value={bookingId} onChange={setBookingId} /> : null}
      <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
    </Question>
  );
}
