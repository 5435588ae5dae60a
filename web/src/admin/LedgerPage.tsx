import { answer } from "../api/client";
import type { LedgerLine } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { localDate } from "../customer/catalogue";
import { dayOf, useFilters } from "../data/useFilters";
import { useGrowingList } from "../data/useGrowingList";
import { DateField, Select } from "../ui/controls";
import { DownloadButton } from "../ui/DownloadButton";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { BookingLink } from "./BookingLink";
import { PeriodProblem } from "./PeriodProblem";
import { useTherapistChoice } from "./useAdminTherapists";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const TABLES = ["ledger", "commissions", "payments", "therapists", "sources", "days", "summary"] as const;
const A_MINUTE = 60_000;

/** Every posting, and a month of the books to be kept. */
export default function LedgerPage() {
  const { t } = useWords();
  usePageTitle(t("admin.ledger.title"));
  return (
    <div className="stack">
      <h1>{t("admin.ledger.title")}</h1>
      <Export />
      <Lines />
    </div>
  );
}

function Export() {
  const { t } = useWords();
  const { api } = useLive();
  const present = localDate("Asia/Jakarta").slice(0, 7);
  const [asked, setFilters] = useFilters({ month: present, table: "ledger" }, { table: TABLES });
  const month = /^20\d\d-(0[1-9]|1[0-2])$/.test(asked.month) ? asked.month : present;
  const table = asked.table as (typeof TABLES)[number];
  const file = (format: "csv" | "xlsx") =>
    answer(
      api.GET("/admin/exports", {
        params: { query: { month, format, ...(format === "csv" ? { table } : {}) } },
        headers: { Accept: format === "csv" ? "text/csv" : XLSX },
        parseAs: "blob",
      }),
    );
  return (
    <section className="card stack">
      <h2>{t("admin.ledger.export")}</h2>
      <div className="row">
        <DateField type="month" label={t("desk.money.month")} value={month} onChange={(value) => value && setFilters({ month: value, table })} />
        <Select
          label={t("admin.ledger.table")}
          value={table}
          onChange={(value) => setFilters({ month, table: value })}
          options={TABLES.map((value) => ({ value, label: t(`admin.ledger.table.${value}`) }))}
        />
        <DownloadButton ask={() => file("csv")} name={`${month}-${table}.csv`}>
          {t("admin.ledger.csv")}
        </DownloadButton>
        <DownloadButton ask={() => file("xlsx")} name={`${month}-books.xlsx`}>
          {t("admin.ledger.xlsx")}
        </DownloadButton>
      </div>
    </section>
  );
}

function Lines() {
  const words = useWords();
  const { t, money } = words;
  const { api } = useLive();
  const therapists = useTherapistChoice(A_MINUTE);
  const nameOf = (id: string | null) => therapists.data?.find((each) => each.therapistId === id)?.name ?? id;
  const [{ therapistId, from, to }, setFilters] = useFilters({
    therapistId: "",
    from: localDate("Asia/Jakarta", -29),
    to: localDate("Asia/Jakarta"),
  });
  const problem = !dayOf(from) || !dayOf(to) ? t("admin.period.none") : from > to ? t("admin.period.backwards") : null;
  const query = { from, to, ...(therapistId ? { therapistId } : {}) };
  const lines = useGrowingList<LedgerLine>({
    queryKey: ["admin", "ledger", therapistId, from, to],
    idOf: ({ entryId }) => entryId,
    orderOf: () => null,
    page: (cursor) =>
      problem === null
        ? answer(api.GET("/admin/ledger", { params: { query: { ...query, ...(cursor ? { cursor } : {}) } } }))
        : Promise.resolve({ items: [], nextCursor: null }),
  });
  return (
    <section className="stack">
      <div className="row">
        <Select
          label={t("admin.ledger.therapist")}
          value={therapistId}
          onChange={(value) => setFilters({ therapistId: value, from, to })}
          options={[
            { value: "", label: t("common.all") },
            ...(therapists.data ?? []).map((each) => ({ value: each.therapistId, label: each.name })),
          ]}
        />
        <DateField label={t("admin.bookings.from")} value={from} onChange={(value) => setFilters({ therapistId, from: value, to })} />
        <DateField label={t("admin.bookings.to")} value={to} onChange={(value) => setFilters({ therapistId, from, to: value })} />
      </div>
      {problem ? <PeriodProblem text={problem} /> : null}
      <GrowingList list={lines} empty={<Empty title={t("admin.ledger.empty.title")} text={t("admin.ledger.empty.text")} />}>
        {(items) => (
          <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.ledger.title")}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t("admin.revenue.audit.at")}</th>
                  <th scope="col">{t("admin.ledger.reason")}</th>
                  <th scope="col">{t("admin.ledger.therapist")}</th>
                  <th scope="col">{t("admin.ledger.account")}</th>
                  <th scope="col" className="number">
                    {t("admin.ledger.debit")}
                  </th>
                  <th scope="col" className="number">
                    {t("admin.ledger.credit")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((line) => (
                  <tr key={line.entryId}>
                    <th scope="row">
                      <span className="cell-main">{words.dateTime(line.at, "Asia/Jakarta")}</span>
                      <BookingLink bookingId={line.bookingId} />
                    </th>
                    <td>{t(`posting.${line.reason}`)}</td>
                    <td>{nameOf(line.therapistId)}</td>
                    <td>{t(`account.${line.account}`)}</td>
                    <td className="number">{line.debit ? money(line.debit) : ""}</td>
                    <td className="number">{line.credit ? money(line.credit) : ""}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </GrowingList>
    </section>
  );
}
