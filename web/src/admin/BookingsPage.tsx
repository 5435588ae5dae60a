import { FilterX, Search } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { answer } from "../api/client";
import { BOOKING_STATUSES, SOURCES, type AdminBooking, type BookingStatus, type Source } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { lazyPart } from "../app/recovery";
import { usePageTitle } from "../app/pageTitle";
import { dayOf, useFilters } from "../data/useFilters";
import { useGrowingList } from "../data/useGrowingList";
import type { Words } from "../i18n/text";
import { plainLine } from "../ui/plainText";
import { Button, Choices, DateField, Select } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { AttentionPanel } from "./AttentionPanel";
import { BookingRow } from "./BookingRow";
import { COLUMNS, useColumns, type Column } from "./columns";
import { CsvButton } from "./CsvButton";
import { PeriodChoice } from "./PeriodChoice";
import { PeriodProblem } from "./PeriodProblem";
import { useRefetchInterval } from "./refreshing";
import { useTherapistChoice } from "./useAdminTherapists";

const BookingDetail = lazyPart(async () => ({ default: (await import("./BookingDetail")).BookingDetail }));
const ReassignSheet = lazyPart(async () => ({ default: (await import("./ReassignSheet")).ReassignSheet }));

type Filters = {
  /** A part of the customer's name, a number in any writing, or a booking's id. */
  q: string;
  status: BookingStatus | "";
  source: Source | "";
  therapistId: string;
  from: string;
  to: string;
};

const NO_FILTERS: Filters = { q: "", status: "", source: "", therapistId: "", from: "", to: "" };

const KNOWN = { status: BOOKING_STATUSES, source: SOURCES };

export function BookingsPage() {
  const words = useWords();
  const { t } = words;
  usePageTitle(t("admin.bookings.title"));
  const { api } = useLive();
  const refetchInterval = useRefetchInterval();
  const [asked, setAsked] = useFilters({ ...NO_FILTERS, booking: "" }, KNOWN);
  const [path] = useLocation();
  const search = useSearch();
  const back = search ? `${path}?${search}` : path;
  const { booking: linked, ...given } = asked;
  const [detail, setDetail] = useState(linked || null);
  // A link leads to a booking once: what is open is not part of the address.
  useEffect(() => {
    if (linked) setAsked({ ...asked, booking: "" });
  });
  const filters = { ...given, from: dayOf(given.from), to: dayOf(given.to) } as Filters;
  const [columns, setColumns] = useColumns();
  const shows = (column: Column) => columns.includes(column);
  const [reassigning, setReassigning] = useState<AdminBooking | null>(null);
  const isBackwards = filters.from !== "" && filters.to !== "" && filters.from > filters.to;
  const bookings = useGrowingList<AdminBooking>({
    queryKey: ["admin", "bookings", filters],
    refetchInterval,
    idOf: ({ bookingId }) => bookingId,
    orderOf: ({ createdAt }) => createdAt,
    // Where events have changed an item since it was read.
    isShown: ({ status }) => filters.status === "" || status === filters.status,
    page: (cursor) =>
      isBackwards
        ? Promise.resolve({ items: [], nextCursor: null })
        : answer(
            api.GET("/admin/bookings", {
              params: {
                query: {
                  ...(filters.q ? { q: filters.q } : {}),
                  ...(filters.status ? { status: filters.status } : {}),
                  ...(filters.source ? { source: filters.source } : {}),
                  ...(filters.therapistId ? { therapistId: filters.therapistId } : {}),
                  ...(filters.from ? { from: filters.from } : {}),
                  ...(filters.to ? { to: filters.to } : {}),
                  ...(cursor ? { cursor } : {}),
                },
              },
            }),
          ),
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.bookings.title")}</h1>
        <CsvButton name="bookings" rows={bookings.items.map((booking) => csvRow(booking, words))} />
      </div>
      <AttentionPanel />
      <FilterBar filters={filters} onChange={(next) => setAsked({ ...asked, ...next })}>
        <details className="columns-choice">
          <summary>{t("admin.bookings.columns")}</summary>
          <Choices<Column>
            label={t("admin.bookings.columnsShown")}
            values={columns}
            onChange={setColumns}
            options={COLUMNS.map((value) => ({ value, label: t(`admin.bookings.${value}`) }))}
          />
        </details>
      </FilterBar>
      {isBackwards ? <PeriodProblem text={t("admin.period.backwards")} /> : null}
      <GrowingList
        list={bookings}
        lines={6}
        empty={<Empty title={t("admin.bookings.empty.title")} text={t("admin.bookings.empty.text")} />}
      >
        {(items) => (
          <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.bookings.title")}>
            <table className="table table-bookings">
              <thead>
                <tr>
                  <th scope="col">{t("admin.bookings.status")}</th>
                  <th scope="col">{t("admin.bookings.customer")}</th>
                  {COLUMNS.filter(shows).map((column) => (
                    <th key={column} scope="col" className={column === "price" ? "number" : undefined}>
                      {t(`admin.bookings.${column}`)}
                    </th>
                  ))}
                  <th scope="col">{t("admin.bookings.actions")}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((booking) => (
                  <BookingRow
                    key={booking.bookingId}
                    booking={booking}
                    columns={columns}
                    back={back}
                    onView={() => setDetail(booking.bookingId)}
                    onReassign={() => setReassigning(booking)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </GrowingList>
      {detail ? <BookingDetail bookingId={detail} back={back} onClose={() => setDetail(null)} onReassign={setReassigning} /> : null}
      {reassigning ? <ReassignSheet booking={reassigning} onClose={() => setReassigning(null)} /> : null}
    </div>
  );
}

interface FilterBarProperties {
  filters: Filters;
  onChange(filters: Filters): void;
  /** What else shapes the list. */
  children: ReactNode;
}

function FilterBar({ filters, onChange, children }: FilterBarProperties) {
  const { t } = useWords();
  const therapists = useTherapistChoice(60_000);
  const any = { value: "" as const, label: t("common.all") };
  return (
    <div className="card filter-bar">
      <SearchField words={filters.q} onChange={(q) => onChange({ ...filters, q })} />
      <Select
        label={t("admin.bookings.status")}
        value={filters.status}
        onChange={(status) => onChange({ ...filters, status })}
        options={[any, ...BOOKING_STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))]}
      />
      <Select
        label={t("admin.bookings.source")}
        value={filters.source}
        onChange={(source) => onChange({ ...filters, source })}
        options={[any, ...SOURCES.map((value) => ({ value, label: t(`source.${value}`) }))]}
      />
      <Select
        label={t("admin.bookings.therapist")}
        value={filters.therapistId}
        onChange={(therapistId) => onChange({ ...filters, therapistId })}
        options={[
          any,
          ...(therapists.data ?? []).map((therapist) => ({ value: therapist.therapistId, label: therapist.name })),
        ]}
      />
      <PeriodChoice from={filters.from} to={filters.to} onChange={(period) => onChange({ ...filters, ...period })} />
      <DateField label={t("admin.bookings.from")} value={filters.from} onChange={(from) => onChange({ ...filters, from })} />
      <DateField label={t("admin.bookings.to")} value={filters.to} onChange={(to) => onChange({ ...filters, to })} />
      <Button look="quiet" icon={<FilterX size={18} aria-hidden />} onPress={() => onChange(NO_FILTERS)}>
        {t("admin.bookings.clear")}
      </Button>
      {children}
    </div>
  );
}

/** A typed word asks for nothing while it grows, in milliseconds. */
const SETTLES_AFTER = 300;

function SearchField({ words, onChange }: { words: string; onChange(words: string): void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState(words);
  const [known, setKnown] = useState(words);
  const wanted = plainLine(typed);
  // Changed from elsewhere, as by clearing all filters or going back.
  if (words !== known) {
    setKnown(words);
    if (words !== wanted) setTyped(words);
  }
  useEffect(() => {
    if (wanted === words) return;
    const timer = window.setTimeout(() => onChange(wanted), SETTLES_AFTER);
    return () => window.clearTimeout(timer);
  }, [wanted, words, onChange]);
  return (
    <label className="field filter-search">
      <span className="field-label with-icon">
        <Search size={15} aria-hidden />
        {t("admin.search")}
      </span>
      <input className="input" type="search" placeholder={t("admin.bookings.search")} maxLength={200} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </label>
  );
}

function csvRow(booking: AdminBooking, { t, dateTime }: Words): Record<string, string | number> {
  return {
    bookingId: booking.bookingId,
    [t("admin.bookings.status")]: t(`status.${booking.status}`),
    [t("admin.bookings.customer")]: booking.customerName,
    [t("admin.bookings.therapist")]: booking.therapistName,
    [t("admin.bookings.when")]: dateTime(booking.scheduledTime ?? booking.createdAt, booking.timeZone),
    [t("admin.bookings.source")]: t(`source.${booking.source}`),
    [t("book.duration")]: booking.duration,
    [t("admin.bookings.price")]: booking.price,
    [t("admin.bookings.test")]: booking.isTest ? 1 : 0,
  };
}
