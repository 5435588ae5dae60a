import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MessageSquareWarning, QrCode as QrIcon, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import { ApiProblem } from "../api/problem";
import type { Commission } from "../api/types";
import { isUploadType, upload, UPLOAD_LIMIT_BYTES, UPLOAD_TYPES } from "../api/uploads";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { lazyPart } from "../app/recovery";
import { localDate } from "../customer/catalogue";
import { useFilters } from "../data/useFilters";
import { changeInLists, useGrowingList } from "../data/useGrowingList";
import { PaymentBadge, TestMark } from "../ui/bits";
import { Button, DateField } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { Answer, Empty } from "../ui/states";
import { toast } from "../ui/toasts";
import { Invoices } from "./Invoices";

const PaySheet = lazyPart(() => import("./PaySheet"));
const DisputeQuestion = lazyPart(() => import("./DisputeQuestion"));

export default function MoneyPage() {
  const { t } = useWords();
  usePageTitle(t("desk.money.title"));
  const present = localDate("Asia/Jakarta").slice(0, 7);
  const [asked, setFilters] = useFilters({ month: present });
  const month = /^20\d\d-(0[1-9]|1[0-2])$/.test(asked.month) ? asked.month : present;
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("desk.money.title")}</h1>
        <DateField type="month" label={t("desk.money.month")} value={month} onChange={(value) => value && setFilters({ month: value })} />
      </div>
      <Statement month={month} />
      <Commissions />
      <Invoices />
    </div>
  );
}

function Statement({ month }: { month: string }) {
  const { t, money } = useWords();
  const { api, identity } = useLive();
  const statement = useQuery({
    queryKey: ["money", identity.userId, "statement", month],
    queryFn: async () => {
      const found = await answer(api.GET("/me/statement", { params: { query: { month } } }));
      if (typeof found === "string") throw new Error("the server answered with text");
      return found;
    },
  });
  return (
    <Answer query={statement} lines={1}>
      {({ totals, closingBalance, commissionAccount }) => (
        <>
        <dl className="figures">
          <Figure term={t("desk.money.bookings")} value={String(totals.bookings)} />
          <Figure term={t("desk.money.income")} value={money(totals.bookingAmount)} />
          <Figure term={t("desk.money.commission")} value={money(totals.commissionAmount)} />
          <Figure term={t("desk.money.owed")} value={money(totals.outstanding)} isBad={totals.outstanding > 0} />
          <Figure
            term={closingBalance < 0 ? t("desk.money.credit") : t("desk.money.balance")}
            value={money(Math.abs(closingBalance))}
            isBad={closingBalance > 0}
          />
        </dl>
        {totals.outstanding > 0 && commissionAccount ? (
          <p className="notice">
            {t("desk.money.payTo", { bank: commissionAccount.bankName, number: commissionAccount.accountNumber, holder: commissionAccount.accountHolder })}
          </p>
        ) : null}
        </>
      )}
    </Answer>
  );
}

function Figure({ term, value, isBad = false }: { term: string; value: string; isBad?: boolean }) {
  return (
    <div className="figure">
      <dt>{term}</dt>
      <dd className={isBad ? "bad" : ""}>{value}</dd>
    </div>
  );
}

function Commissions() {
  const { t } = useWords();
  const { api, identity } = useLive();
  const commissions = useGrowingList<Commission>({
    queryKey: ["money", identity.userId, "commissions"],
    // No event tells what the administration thinks of a proof.
    refetchInterval: 30_000,
    idOf: ({ bookingId }) => bookingId,
    orderOf: ({ bookingDate }) => bookingDate,
    page: (cursor) => answer(api.GET("/me/commissions", { params: { query: cursor ? { cursor } : {} } })),
  });
  return (
    <GrowingList
      list={commissions}
      lines={3}
      empty={<Empty title={t("desk.money.empty.title")} text={t("desk.money.empty.text")} />}
    >
      {(items) => (
        <ul className="commissions">
          {items.map((commission) => (
            <li key={commission.bookingId}>
              <CommissionCard commission={commission} />
            </li>
          ))}
        </ul>
      )}
    </GrowingList>
  );
}

function CommissionCard({ commission }: { commission: Commission }) {
  const words = useWords();
  const { t, money } = words;
  const [isPaying, setIsPaying] = useState(false);
  const [isDisputing, setIsDisputing] = useState(false);
  const isOpen = commission.paymentStatus === "pending" || commission.paymentStatus === "overdue";
  const mayDispute = commission.disputedAt === null && commission.paymentStatus !== "waived" && commission.paymentStatus !== "reversed";
  return (
    <article className={commission.paymentStatus === "overdue" ? "card commission commission-overdue" : "card commission"}>
      <div className="commission-text">
        <strong>
          {money(commission.commissionAmount)} <TestMark of={commission} />
        </strong>
        <span className="muted small">
          {t("admin.payments.of", { amount: money(commission.bookingAmount), percent: words.percent(commission.commissionRate) })} ·{" "}
          <Link href={`/chats/${commission.chatRoomId}`}>{words.date(commission.serviceDate, "Asia/Jakarta")}</Link>
        </span>
        {isOpen ? (
          <span className={commission.paymentStatus === "overdue" ? "bad small" : "small"}>
            {t(commission.paymentStatus === "overdue" ? "desk.money.overdue" : "desk.money.due", {
              date: words.dateTime(commission.paymentDeadline, "Asia/Jakarta"),
            })}
          </span>
        ) : null}
        {commission.creditUsed > 0 ? (
          <span className="good small">{t("desk.money.creditUsed", { amount: money(commission.creditUsed) })}</span>
        ) : null}
        {isOpen && commission.amountDue !== commission.commissionAmount ? (
          <span className="small">{t("desk.money.amountDue", { amount: money(commission.amountDue) })}</span>
        ) : null}
        {commission.paymentStatus === "paid" && commission.paidBy ? (
          <span className="muted small">{t(`desk.money.paidBy.${commission.paidBy}`)}</span>
        ) : null}
        {commission.disputedAt ? <span className="bad small">{t("desk.money.isDisputed")}</span> : null}
        {commission.disputeOutcome ? (
          <span className="small">{t(`desk.money.outcome.${commission.disputeOutcome}`)}</span>
        ) : null}
        {isOpen && commission.reason && !commission.disputedAt && !commission.disputeOutcome ? <span className="bad small lines-kept">{t("desk.money.rejected", { reason: commission.reason })}</span> : null}
      </div>
      <PaymentBadge status={commission.paymentStatus} />
      {isOpen ? (
        <div className="row">
          <Button look="primary" icon={<QrIcon size={16} aria-hidden />} onPress={() => setIsPaying(true)}>
            {t("desk.money.pay")}
          </Button>
          <ProofUpload bookingId={commission.bookingId} />
        </div>
      ) : null}
      {mayDispute ? (
        <Button look="quiet" size="small" icon={<MessageSquareWarning size={16} aria-hidden />} onPress={() => setIsDisputing(true)}>
          {t("desk.money.dispute")}
        </Button>
      ) : null}
      {isDisputing ? <DisputeQuestion commission={commission} onClose={() => setIsDisputing(false)} /> : null}
      {isPaying ? <PaySheet bookingId={commission.bookingId} onClose={() => setIsPaying(false)} /> : null}
    </article>
  );
}

function ProofUpload({ bookingId }: { bookingId: string }) {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const picker = useRef<HTMLInputElement>(null);
  const send = useMutation({
    mutationFn: async (file: File) => {
      if (!isUploadType(file.type) || file.size > UPLOAD_LIMIT_BYTES) throw new ApiProblem("upload_refused", 422);
      const params = { path: { bookingId } };
      const announced = await answer(
        api.POST("/commissions/{bookingId}/proof", {
          params: { ...params, header: { "Idempotency-Key": crypto.randomUUID() } },
          body: { fileName: file.name, contentType: file.type, size: file.size },
        }),
      );
      await upload(announced.upload, file, file.name);
      return answer(api.POST("/commissions/{bookingId}/proof/submit", { params }));
    },
    onSuccess: ({ commission: submitted }) => {
      changeInLists<Commission>(queries, ["money"], (listed) => (listed.bookingId === submitted.bookingId ? submitted : listed));
      toast(t("desk.money.uploaded"), "good");
      void queries.invalidateQueries({ queryKey: ["money"] });
    },
    onError: sayProblem,
  });
  return (
    <>
      <input
        ref={picker}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden
        accept={UPLOAD_TYPES.join(",")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) send.mutate(file);
        }}
      />
      <Button icon={<Upload size={16} aria-hidden />} busy={send.isPending} onPress={() => picker.current?.click()}>
        {t("desk.money.upload")}
      </Button>
    </>
  );
}
