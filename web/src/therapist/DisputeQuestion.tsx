import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer } from "../api/client";
import type { Commission } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { changeInLists } from "../data/useGrowingList";
import { ReasonField } from "../ui/ReasonField";
import { plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { toast } from "../ui/toasts";

/** Lets a therapist say why a commission is not right; until that is resolved it is not overdue. */
export default function DisputeQuestion({ commission, onClose }: { commission: Commission; onClose(): void }) {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const isLacking = plainLines(reason) === "";
  const step = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/commissions/{bookingId}/dispute", {
          params: { path: { bookingId: commission.bookingId } },
          body: { reason: plainLines(reason) },
        }),
      ),
    onSuccess: ({ commission: disputed }) => {
      changeInLists<Commission>(queries, ["money"], (listed) => (listed.bookingId === disputed.bookingId ? disputed : listed));
      toast(t("desk.money.disputed"), "good");
      onClose();
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["money"] }),
  });
  return (
    <Question
      title={t("desk.money.dispute.title")}
      text={t("desk.money.dispute.text")}
      confirm={t("desk.money.dispute")}
      busy={step.isPending}
      onConfirm={() => {
        setTried(true);
        if (!isLacking) step.mutate();
      }}
      onClose={onClose}
    >
      <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
    </Question>
  );
}
