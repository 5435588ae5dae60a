import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, type Api } from "../api/client";
import type { Commission } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { ReasonField } from "../ui/ReasonField";
import { changeInLists } from "../data/useGrowingList";
import { plainLines } from "../ui/plainText";
import { Question } from "../ui/Sheet";
import { toast } from "../ui/toasts";

export type Settlement = "approve" | "reject" | "waive" | "revoke";

function settle(api: Api, settlement: Settlement, bookingId: string, reason: string) {
  const params = { path: { bookingId } };
  switch (settlement) {
    case "approve":
      return answer(api.POST("/admin/commissions/{bookingId}/approve", { params }));
    case "reject":
      return answer(api.POST("/admin/commissions/{bookingId}/reject", { params, body: { reason } }));
    case "waive":
      return answer(api.POST("/admin/commissions/{bookingId}/waive", { params, body: { reason, confirm: true } }));
    case "revoke":
      return answer(api.POST("/admin/commissions/{bookingId}/revoke", { params, body: { reason, confirm: true } }));
  }
}

const DONE = {
  approve: "admin.payments.approved",
  reject: "admin.payments.rejected",
  waive: "admin.payments.waived",
  revoke: "admin.payments.revoked",
} as const;

interface SettleQuestionProperties {
  commission: Commission;
  settlement: Settlement;
  onClose(): void;
}

/** Asks before a commission is settled; all but an approval need a reason. */
export function SettleQuestion({ commission, settlement, onClose }: SettleQuestionProperties) {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const needsReason = settlement !== "approve";
  const isLacking = needsReason && plainLines(reason) === "";
  const step = useMutation({
    mutationFn: () => settle(api, settlement, commission.bookingId, plainLines(reason)),
    onSuccess: ({ commission: settled }) => {
      changeInLists<Commission>(queries, ["admin", "commissions"], (listed) =>
        listed.bookingId === settled.bookingId ? settled : listed,
      );
      toast(t(DONE[settlement]), "good");
      onClose();
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (
    <Question
      title={t(`admin.payments.${settlement}.title`)}
      text={t(`admin.payments.${settlement}.text`)}
      confirm={t(`admin.payments.${settlement}`)}
      look={settlement === "approve" ? "primary" : "danger"}
      busy={step.isPending}
      onConfirm={() => {
        setTried(true);
        if (!isLacking) step.mutate();
      }}
      onClose={onClose}
    >
      {needsReason ? (
        <ReasonField value={reason} onChange={setReason} isMissing={tried && isLacking} />
      ) : null}
    </Question>
  );
}
