import { useInfiniteQuery } from "@tanstack/react-query";
import { FileCheck2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import { PAYMENT_STATUSES, type Commission, type PaymentStatus } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { AttachmentView } from "../chat/AttachmentView";
import { PaymentBadge } from "../ui/bits";
import { Button, Choice } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { Empty, Failure, Loading } from "../ui/states";
import { SettleQuestion, type Settlement } from "./SettleQuestion";
import { useRefetchInterval } from "./refreshing";
import { useFurtherBack } from "./useFurtherBack";

export default function PaymentsPage() {
  const { t } = useWords();
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const [status, setStatus] = useState<PaymentStatus | "all">("all");
  const [settling, setSettling] = useState<{ commission: Commission; settlement: Settlement } | null>(null);
  const [proof, setProof] = useState<Commission | null>(null);
  const commissions = useInfiniteQuery({
    queryKey: ["admin", "commissions", status],
    initialPageParam: "",
    refetchInterval,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/commissions", {
          params: { query: { ...(status === "all" ? {} : { status }), ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
  const items = commissions.data?.pages.flatMap((page) => page.items) ?? [];
  useFurtherBack(commissions, items.length);
  return (
    <div className="stack">
      <h1>{t("admin.payments.title")}</h1>
      <Choice
        label={t("admin.payments.status")}
        hideLabel
        onOneLine
        value={status as PaymentStatus | "all"}
        onChange={(value) => setStatus(value)}
        options={[
          { value: "all", label: t("common.all") },
          ...PAYMENT_STATUSES.map((value) => ({ value, label: t(`payment.${value}`) })),
        ]}
      />
      {commissions.isPending || (items.length === 0 && commissions.hasNextPage) ? <Loading lines={5} /> : null}
      {commissions.isError && items.length === 0 ? (
        <Failure failure={commissions.error} onRetry={() => void commissions.refetch()} />
      ) : null}
      {commissions.isSuccess && items.length === 0 && !commissions.hasNextPage ? (
        <Empty title={t("admin.payments.empty.title")} text={t("admin.payments.empty.text")} />
      ) : null}
      <ul className="commissions">
        {items.map((commission) => (
          <li key={commission.bookingId}>
            <PaymentCard
              commission={commission}
              onProof={() => setProof(commission)}
              onSettle={(settlement) => setSettling({ commission, settlement })}
            />
          </li>
        ))}
      </ul>
      {items.length > 0 && commissions.hasNextPage ? (
        <Button busy={commissions.isFetchingNextPage} onPress={() => void commissions.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
      {proof?.proofAttachmentId ? (
        <Sheet title={t("admin.payments.proofTitle")} onClose={() => setProof(null)} size="wide">
          <AttachmentView attachmentId={proof.proofAttachmentId} isImage={false} caption={t("admin.payments.proofTitle")} />
        </Sheet>
      ) : null}
      {settling ? <SettleQuestion {...settling} onClose={() => setSettling(null)} /> : null}
    </div>
  );
}

interface PaymentCardProperties {
  commission: Commission;
  onProof(): void;
  onSettle(settlement: Settlement): void;
}

function PaymentCard({ commission, onProof, onSettle }: PaymentCardProperties) {
  const words = useWords();
  const { t, money } = words;
  const status = commission.paymentStatus;
  const canBeWaived = status === "pending" || status === "overdue" || status === "proof_submitted";
  return (
    <article
      className={status === "overdue" ? "card commission commission-overdue" : "card commission"}
      data-commission={commission.bookingId}
    >
      <div className="commission-text">
        <strong>
          {commission.therapistName} · {money(commission.commissionAmount)}
        </strong>
        <span className="muted small">
          {t("admin.payments.of", { amount: money(commission.bookingAmount), percent: words.percent(commission.commissionRate) })} ·{" "}
          {t("admin.payments.deadline")} {words.dateTime(commission.paymentDeadline, "Asia/Jakarta")}
        </span>
        <span className="small muted">
          {t("admin.payments.ids")}: <code className="id">{commission.bookingId}</code>{" "}
          <Link href={`/chats/${commission.chatRoomId}`}>
            <code className="id">{commission.chatRoomId}</code>
          </Link>
        </span>
        {commission.reason ? (
          <span className="small">
            {t("common.reason")}: {commission.reason}
          </span>
        ) : null}
      </div>
      <PaymentBadge status={status} />
      <div className="row">
        {commission.proofAttachmentId ? (
          <Button size="small" icon={<FileCheck2 size={16} aria-hidden />} onPress={onProof}>
            {t("admin.payments.proof")}
          </Button>
        ) : null}
        {status === "proof_submitted" ? (
          <>
            <Button size="small" look="good" onPress={() => onSettle("approve")}>
              {t("admin.payments.approve")}
            </Button>
            <Button size="small" look="danger" onPress={() => onSettle("reject")}>
              {t("admin.payments.reject")}
            </Button>
          </>
        ) : null}
        {canBeWaived ? (
          <Button size="small" look="quiet" onPress={() => onSettle("waive")}>
            {t("admin.payments.waive")}
          </Button>
        ) : null}
      </div>
    </article>
  );
}
