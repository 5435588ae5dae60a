import { answer } from "../api/client";
import type { Delivery } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { useFilters } from "../data/useFilters";
import { useGrowingList } from "../data/useGrowingList";
import { Field, Select } from "../ui/controls";
import type { Words } from "../i18n/text";
import { GrowingList } from "../ui/GrowingList";
import { Empty } from "../ui/states";
import { BookingLink } from "./BookingLink";
import { DELIVERY_LOOKS } from "./deliveryLooks";
import { useRefetchInterval } from "./refreshing";

const STATUSES = ["queued", "sent", "failed", "skipped"] as const;
const CHANNELS = ["push", "whatsApp", "email", "sms"] as const;

type Filters = { bookingId: string; status: Delivery["status"] | ""; channel: Delivery["channel"] | "" };

const NO_FILTERS = { bookingId: "", status: "", channel: "" };

const queryOf = ({ bookingId, status, channel }: Filters) => ({
  ...(bookingId.trim() ? { bookingId: bookingId.trim() } : {}),
  ...(status ? { status } : {}),
  ...(channel ? { channel } : {}),
});

const reasonOf = ({ has, t }: Words, reason: string): string => {
  const key = `deliveryReason.${reason}`;
  return has(key) ? t(key) : reason;
};

/** What was sent to people who were not looking, and what came of it. */
export default function DeliveriesPage() {
  const { t } = useWords();
  usePageTitle(t("admin.deliveries.title"));
  const [asked, setFilters] = useFilters(NO_FILTERS, { status: STATUSES, channel: CHANNELS });
  const filters = asked as Filters;
  return (
    <div className="stack">
      <h1>{t("admin.deliveries.title")}</h1>
      <p className="muted">{t("admin.deliveries.text")}</p>
      <div className="card filter-bar">
        <Field
          label={t("admin.deliveries.booking")}
          maxLength={128}
          value={filters.bookingId}
          onChange={(bookingId) => setFilters({ ...filters, bookingId })}
        />
        <Select
          label={t("admin.deliveries.channel")}
          value={filters.channel}
          onChange={(channel) => setFilters({ ...filters, channel })}
          options={[{ value: "", label: t("common.all") }, ...CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))]}
        />
        <Select
          label={t("admin.deliveries.status")}
          value={filters.status}
          onChange={(status) => setFilters({ ...filters, status })}
          options={[{ value: "", label: t("common.all") }, ...STATUSES.map((value) => ({ value, label: t(`delivery.${value}`) }))]}
        />
      </div>
      <Deliveries filters={filters} />
    </div>
  );
}

function Deliveries({ filters }: { filters: Filters }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const deliveries = useGrowingList<Delivery>({
    queryKey: ["admin", "deliveries", filters],
    refetchInterval,
    idOf: ({ deliveryId }) => deliveryId,
    orderOf: ({ at }) => at,
    page: (cursor) => answer(api.GET("/admin/deliveries", { params: { query: { ...queryOf(filters), ...(cursor ? { cursor } : {}) } } })),
  });
  return (
    <GrowingList list={deliveries} empty={<Empty title={t("admin.deliveries.empty")} />}>
      {(items) => (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.deliveries.title")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t("admin.errors.at")}</th>
                <th scope="col">{t("admin.deliveries.about")}</th>
                <th scope="col">{t("admin.deliveries.channel")}</th>
                <th scope="col">{t("admin.deliveries.to")}</th>
                <th scope="col">{t("admin.deliveries.status")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((delivery) => (
                <tr key={delivery.deliveryId} data-delivery={delivery.deliveryId}>
                  <th scope="row">{words.dateTime(delivery.at, "Asia/Jakarta")}</th>
                  <td>
                    <span className="cell-main">{t(`deliveryEvent.${delivery.event}`)}</span>
                    {delivery.bookingId ? (
                      <span className="cell-more">
                        <BookingLink bookingId={delivery.bookingId} />
                      </span>
                    ) : null}
                  </td>
                  <td>{t(`channel.${delivery.channel}`)}</td>
                  <td>{delivery.to ?? "–"}</td>
                  <td>
                    <span className={`badge ${DELIVERY_LOOKS[delivery.status]}`}>{t(`delivery.${delivery.status}`)}</span>
                    <span className="cell-more">
                      {t("admin.deliveries.attempts", { count: delivery.attempts })}
                      {delivery.reason ? ` · ${reasonOf(words, delivery.reason)}` : ""}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </GrowingList>
  );
}
