import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import type { Commission } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { changeInLists } from "../data/useGrowingList";
import { Choice, Field } from "../ui/controls";
import { ReasonField } from "../ui/ReasonField";
import { plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { toast } from "../ui/toasts";

const OUTCOMES = ["upheld", "reduced", "dropped"] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Ends a dispute: the commission stands, is reduced to an amount, or falls away. */
export default function ResolveDispute({ commission, onClose }: { commission: Commission; onClose(): void }) {
  const { t, money } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [outcome, setOutcome] = useState<Outcome>("upheld");
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const rupiah = Number(amount.replace(/[.,\s]/g, ""));
  const isAmountWrong = outcome === "reduced" && (amount.trim() === "" || !Number.isInteger(rupiah) || rupiah < 0 || rupiah >= commission.commissionAmount);
  const isLacking = plainLines(reason) === "";
  const step = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/admin/commissions/{bookingId}/dispute/resolve", {
          params: { path: { bookingId: commission.bookingId } },
          body: { outcome, reason: plainLines(reason), ...(outcome === "reduced" ? { amount: rupiah } : {}) },
        }),
      ),
    onSuccess: ({ commission: resolved }) => {
      changeInLists<Commission>(queries, ["admin", "commissions"], (listed) => (listed.bookingId === resolved.bookingId ? resolved : listed));
      toast(t("admin.payments.resolved"), "good");
      onClose();
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (
    <Question
      title={t("admin.payments.resolve.title")}
      text={t("admin.payments.resolve.text", { amount: money(commission.commissionAmount), reason: commission.disputeReason ?? "" })}
      confirm={t("admin.payments.resolve")}
      busy={step.isPending}
      onConfirm={() => {
        setTried(true);
        if (!isLacking && !isAmountWrong) step.mutate();
      }}
      onClose={onClose}
    >
      <Choice<Outcome>
        label={t("admin.payments.outcome")}
        value={outcome}
        onChange={setOutcome}
        options={OUTCOMES.map((value) => ({ value, label: t(`admin.payments.outcome.${value}`) }))}
      />
      {outcome === "reduced" ? (
        <Field
          label={t("admin.payments.newAmount")}
          value={amount}
          onChange={setAmount}
          inputMode="numeric"
          required
          problem={tried && isAmountWrong ? t("admin.payments.newAmountWrong", { amount: money(commission.commissionAmount) }) : null}
        />
      ) : null}
      <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
    </Question>
  );
}
