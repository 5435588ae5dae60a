import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CheckCheck } from "lucide-react";
import { useState } from "react";
import { answer } from "../api/client";
import type { Commission } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { changeInLists } from "../data/useGrowingList";
import { Button } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { toast } from "../ui/toasts";

interface ApproveManyProperties {
  /** Those whose proofs wait to be judged. */
  waiting: readonly Commission[];
  chosen: ReadonlySet<string>;
  onChoose(chosen: ReadonlySet<string>): void;
}

/** Approves all proofs that were chosen, one after the other; what was refused stays chosen. */
export default function ApproveMany({ waiting, chosen, onChoose }: ApproveManyProperties) {
  const { t, money } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const [isAsking, setIsAsking] = useState(false);
  const meant = waiting.filter(({ bookingId }) => chosen.has(bookingId));
  const sum = meant.reduce((total, { commissionAmount }) => total + commissionAmount, 0);
  const approve = useMutation({
    mutationFn: async () => {
      const left = new Set(meant.map(({ bookingId }) => bookingId));
      try {
        for (const { bookingId } of meant) {
          const params = { path: { bookingId } };
          const { commission } = await answer(api.POST("/admin/commissions/{bookingId}/approve", { params }));
          changeInLists<Commission>(queries, ["admin", "commissions"], (listed) => (listed.bookingId === bookingId ? commission : listed));
          left.delete(bookingId);
        }
        return meant.length;
      } finally {
        onChoose(left);
      }
    },
    // Nothing is chosen any more by then.
    onSuccess: (count) => toast(t("admin.payments.approvedMany", { count }), "good"),
    onError: sayProblem,
    onSettled: () => {
      setIsAsking(false);
      void queries.invalidateQueries({ queryKey: ["admin"] });
    },
  });
  const isAll = meant.length === waiting.length;
  return (
    <div className="card row row-between" role="group" aria-label={t("admin.payments.many")}>
      <Button size="small" look="quiet" onPress={() => onChoose(new Set(isAll ? [] : waiting.map(({ bookingId }) => bookingId)))}>
        {t(isAll ? "admin.payments.chooseNone" : "admin.payments.chooseAll")}
      </Button>
      <span role="status">{t("admin.payments.chosen", { count: meant.length, amount: money(sum) })}</span>
      <Button size="small" look="good" icon={<CheckCheck size={16} aria-hidden />} isDisabled={meant.length === 0} onPress={() => setIsAsking(true)}>
        {t("admin.payments.approveMany")}
      </Button>
      {isAsking ? (
        <Question
          title={t("admin.payments.approveMany.title", { count: meant.length })}
          text={t("admin.payments.approveMany.text", { amount: money(sum) })}
          confirm={t("admin.payments.approveMany")}
          busy={approve.isPending}
          onConfirm={() => approve.mutate()}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
    </div>
  );
}
