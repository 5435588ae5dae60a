import { useInfiniteQuery } from "@tanstack/react-query";
import { FilterX } from "lucide-react";
import { useState } from "react";
import { answer } from "../api/client";
import { BOOKING_STATUSES, SOURCES, type AdminBooking, type BookingStatus, type Source } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button, DateField, Select } from "../ui/controls";
import { Empty, Failure, Loading } from "../ui/states";
import { BookingDetail } from "./BookingDetail";
import { BookingRow } from "./BookingRow";
import { ReassignSheet } from "./ReassignSheet";
import { useRefetchInterval } from "./refreshing";
import { useTherapistChoice } from "./useAdminTherapists";
import { useFurtherBack } from "./useFurtherBack";

interface Filters {
  status: BookingStatus | "";
  source: Source | "";
  therapistId: string;
  from: string;
  to: string;
}

const NO_FILTERS: Filters = { status: "", source: "", therapistId: "", from: "", to: "" };

export function BookingsPage() {
  const { t } = useWords();
  const { api } = useLive();
  const refetchInterval = useRefetchInterval();
  const [filters, setFilters] = useState(NO_FILTERS);
  const [detail, setDetail] = useState<string | null>(null);
  const [reassigning, setReassigning] = useState<AdminBooking | null>(null);
  const bookings = useInfiniteQuery({
    queryKey: ["admin", "bookings", filters],
    initialPageParam: "",
    refetchInterval,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/admin/bookings", {
          params: {
            query: {
              ...(filters.status ? { status: filters.status } : {}),
              ...(filters.source ? { source: filters.source } : {}),
              ...(filters.therapistId ? { therapistId: filters.therapistId } : {}),
              ...(filters.from ? { from: filters.from } : {}),
              ...(filters.to ? { to: filters.to } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
  const items = bookings.data?.pages.flatMap((page) => page.items) ?? [];
  useFurtherBack(bookings, items.length);
  return (
    <div className="stack">
      <h1>{t("admin.bookings.title")}</h1>
      <FilterBar filters={filters} onChange={setFilters} />
      {bookings.isPending || (items.length === 0 && bookings.hasNextPage) ? <Loading lines={6} /> : null}
      {bookings.isError && items.length === 0 ? (
        <Failure failure={bookings.error} onRetry={() => void bookings.refetch()} />
      ) : null}
      {bookings.isSuccess && items.length === 0 && !bookings.hasNextPage ? (
        <Empty title={t("admin.bookings.empty.title")} text={t("admin.bookings.empty.text")} />
      ) : null}
      {items.length > 0 ? (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.bookings.title")}>
          <table className="table table-bookings">
            <thead>
              <tr>
                <th scope="col">{t("admin.bookings.status")}</th>
                <th scope="col">{t("admin.bookings.customer")}</th>
                <th scope="col">{t("admin.bookings.therapist")}</th>
                <th scope="col">{t("admin.bookings.when")}</th>
                <th scope="col">{t("admin.bookings.source")}</th>
                <th scope="col" className="number">
                  {t("admin.bookings.price")}
                </th>
                <th scope="col">{t("admin.bookings.chat")}</th>
                <th scope="col">{t("admin.bookings.actions")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((booking) => (
                <BookingRow
                  key={booking.bookingId}
                  booking={booking}
                  onView={() => setDetail(booking.bookingId)}
                  onReassign={() => setReassigning(booking)}
                />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {items.length > 0 && bookings.hasNextPage ? (
        <Button busy={bookings.isFetchingNextPage} onPress={() => void bookings.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
      {detail ? <BookingDetail bookingId={detail} onClose={() => setDetail(null)} onReassign={setReassigning} /> : null}
      {reassigning ? <ReassignSheet booking={reassigning} onClose={() => setReassigning(null)} /> : null}
    </div>
  );
}

function FilterBar({ filters, onChange }: { filters: Filters; onChange(filters: Filters): void }) {
  const { t } = useWords();
  const therapists = useTherapistChoice(60_000);
  const any = { value: "" as const, label: t("common.all") };
  return (
    <div className="card filter-bar">
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
      <DateField label={t("admin.bookings.from")} value={filters.from} onChange={(from) => onChange({ ...filters, from })} />
      <DateField label={t("admin.bookings.to")} value={filters.to} onChange={(to) => onChange({ ...filters, to })} />
      <Button look="quiet" icon={<FilterX size={18} aria-hidden />} onPress={() => onChange(NO_FILTERS)}>
        {t("admin.bookings.clear")}
      </Button>
    </div>
  );
}
