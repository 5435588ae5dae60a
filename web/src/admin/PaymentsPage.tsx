import { FileCheck2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import { PAYMENT_STATUSES, type Commission } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { lazyPart } from "../app/recovery";
import { AttachmentView } from "../chat/AttachmentView";
import { useFilters } from "../data/useFilters";
import { useGrowingList } from "../data/useGrowingList";
import { PaymentBadge, TestMark } from "../ui/bits";
import { Button, Choice } from "../ui/controls";
import { Sheet } from "../ui/Sheet";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { BookingLink } from "./BookingLink";
import { SettleQuestion, type Settlement } from "./SettleQuestion";
import { useRefetchInterval } from "./refreshing";

const ApproveMany = lazyPart(() => import("./ApproveMany"));
const QrisPayments = lazyPart(() => import("./QrisPayments"));
const ResolveDispute = lazyPart(() => import("./ResolveDispute"));

const VIEWS = ["commissions", "qris"] as const;
/** What commissions can be listed by: their payment, or an open dispute. */
const STATES = [...PAYMENT_STATUSES, "disputed"] as const;
type State = (typeof STATES)[number];

export default function PaymentsPage() {
  const { t } = useWords();
  usePageTitle(t("admin.payments.title"));
  const [{ view }, setView] = useFilters({ view: "commissions" }, { view: VIEWS });
  return (
    <div className="stack">
      <h1>{t("admin.payments.title")}</h1>
      <Choice
        label={t("admin.payments.view")}
        hideLabel
        onOneLine
        value={view}
        onChange={(value) => setView({ view: value })}
        options={VIEWS.map((value) => ({ value, label: t(`admin.payments.view.${value}`) }))}
      />
      {view === "qris" ? <QrisPayments /> : <Commissions />}
    </div>
  );
}

function Commissions() {
  const { t } = useWords();
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const [filters, setFilters] = useFilters({ status: "all" }, { status: STATES });
  const status = filters.status as State | "all";
  const [settling, setSettling] = useState<{ commission: Commission; settlement: Settlement } | null>(null);
  const [resolving, setResolving] = useState<Commission | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [proof, setProof] = useState<Commission | null>(null);
  const commissions = useGrowingList<Commission>({
    queryKey: ["admin", "commissions", status],
    refetchInterval,
    idOf: ({ bookingId }) => bookingId,
    // Those of one status stand in another order.
    orderOf: ({ bookingDate }) => (status === "all" || status === "disputed" ? bookingDate : null),
    isShown: ({ paymentStatus, disputedAt }) => status === "all" || (status === "disputed" ? disputedAt !== null : paymentStatus === status),
    page: (cursor) =>
      answer(
        api.GET("/admin/commissions", {
          params: { query: { ...(status === "all" || status === "disputed" ? {} : { status }), ...(cursor ? { cursor } : {}) } },
        }),
      ),
  });
  return (
    <>
      <Choice
        label={t("admin.payments.status")}
        hideLabel
        onOneLine
        value={status}
        onChange={(value) => setFilters({ status: value })}
        options={[
          { value: "all", label: t("common.all") },
          { value: "disputed", label: t("admin.payments.disputed") },
          ...PAYMENT_STATUSES.map((value) => ({ value, label: t(`payment.${value}`) })),
        ]}
      />
      <GrowingList
        list={commissions}
        empty={<Empty title={t("admin.payments.empty.title")} text={t("admin.payments.empty.text")} />}
      >
        {(items) => (
          <>
          {items.some(awaitsApproval) ? <ApproveMany waiting={items.filter(awaitsApproval)} chosen={chosen} onChoose={setChosen} /> : null}
          <ul className="commissions">
            {items.map((commission) => (
              <li key={commission.bookingId}>
                <PaymentCard
                  commission={commission}
                  isChosen={chosen.has(commission.bookingId)}
                  onChoose={(isChosen) => {
                    const next = new Set(chosen);
                    if (isChosen) next.add(commission.bookingId);
                    else next.delete(commission.bookingId);
                    setChosen(next);
                  }}
                  back={status === "all" ? "/payments" : `/payments?status=${status}`}
                  onProof={() => setProof(commission)}
                  onResolve={() => setResolving(commission)}
                  onSettle={(settlement) => setSettling({ commission, settlement })}
                />
              </li>
            ))}
          </ul>
          </>
        )}
      </GrowingList>
      {proof?.proofAttachmentId ? (
        <Sheet title={t("admin.payments.proofTitle")} onClose={() => setProof(null)} size="wide">
          <AttachmentView attachmentId={proof.proofAttachmentId} isImage={false} caption={t("admin.payments.proofTitle")} />
        </Sheet>
      ) : null}
      {settling ? <SettleQuestion {...settling} onClose={() => setSettling(null)} /> : null}
      {resolving ? <ResolveDispute commission={resolving} onClose={() => setResolving(null)} /> : null}
    </>
  );
}

const awaitsApproval = ({ paymentStatus }: Commission) => paymentStatus === "proof_submitted";

interface PaymentCardProperties {
  commission: Commission;
  isChosen: boolean;
  onChoose(isChosen: boolean): void;
  /** Where the way back from a chat leads. */
  back: string;
  onProof(): void;
  onResolve(): void;
  onSettle(settlement: Settlement): void;
}

function PaymentCard({ commission, isChosen, onChoose, back, onProof, onResolve, onSettle }: PaymentCardProperties) {
  const words = useWords();
  const { t, money } = words;
  const status = commission.paymentStatus;
  // Money that came in by itself stays in.
  const canBeRevoked = status === "waived" || (status === "paid" && (commission.paidBy === null || commission.paidBy === "proof"));
  const canBeWaived = status === "pending" || status === "overdue" || status === "proof_submitted";
  return (
    <article
      className={status === "overdue" ? "card commission commission-overdue" : "card commission"}
      data-commission={commission.bookingId}
    >
      <div className="commission-text">
        <strong>
          {commission.therapistName} · {money(commission.commissionAmount)} <TestMark of={commission} />
        </strong>
        <span className="muted small">
          {t("admin.payments.of", { amount: money(commission.bookingAmount), percent: words.percent(commission.commissionRate) })} ·{" "}
          {t("admin.payments.deadline")} {words.dateTime(commission.paymentDeadline, "Asia/Jakarta")}
        </span>
        <span className="small muted">
          {t("admin.payments.ids")}: <BookingLink bookingId={commission.bookingId} />{" "}
          <Link href={`/chats/${commission.chatRoomId}`} state={{ back }}>
            <code className="id">{commission.chatRoomId}</code>
          </Link>
        </span>
        {commission.disputedAt ? (
          <span className="bad small lines-kept">
            {t("admin.payments.disputed")}: {commission.disputeReason}
          </span>
        ) : null}
        {commission.creditUsed > 0 ? <span className="small">{t("desk.money.creditUsed", { amount: money(commission.creditUsed) })}</span> : null}
        {commission.paidBy ? <span className="muted small">{t(`desk.money.paidBy.${commission.paidBy}`)}</span> : null}
        {commission.reason && !commission.disputedAt ? (
          <span className="small lines-kept">
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
        {awaitsApproval(commission) ? (
          <>
            <label className="row row-tight tick">
              <input type="checkbox" checked={isChosen} onChange={(event) => onChoose(event.target.checked)} />
              <span className="visually-hidden">
                {t("admin.payments.choose", { name: commission.therapistName, amount: money(commission.commissionAmount) })}
              </span>
            </label>
            <Button size="small" look="good" onPress={() => onSettle("approve")}>
              {t("admin.payments.approve")}
            </Button>
            <Button size="small" look="danger" onPress={() => onSettle("reject")}>
              {t("admin.payments.reject")}
            </Button>
          </>
        ) : null}
        {commission.disputedAt ? (
          <Button size="small" look="primary" onPress={onResolve}>
            {t("admin.payments.resolve")}
          </Button>
        ) : null}
        {canBeRevoked ? (
          <Button size="small" look="quiet" onPress={() => onSettle("revoke")}>
            {t("admin.payments.revoke")}
          </Button>
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
