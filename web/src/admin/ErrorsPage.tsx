import { useMutation, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { answer } from "../api/client";
import type { ErrorEvent } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import type { Words } from "../i18n/text";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { serverNow } from "../app/serverClock";
import { dayOf, useFilters } from "../data/useFilters";
import { useGrowingList } from "../data/useGrowingList";
import { Button, DateField, Select } from "../ui/controls";
import { GrowingList } from "../ui/GrowingList";
import { Answer, Empty } from "../ui/states";
import { BookingLink } from "./BookingLink";
import { PeriodProblem } from "./PeriodProblem";
import { useRefetchInterval } from "./refreshing";

/** Parts of the business, and how bad it is: critical and error are recorded. */
const CATEGORIES = ["booking", "chat", "payment", "storage", "auth"] as const;
const SEVERITIES = ["critical", "error"] as const;

const inWords = ({ has, t }: Words, kind: "category" | "severity", value: string): string => {
  const key = `${kind}.${value}`;
  return has(key) ? t(key) : value;
};

type Filters = {
  category: (typeof CATEGORIES)[number] | "";
  severity: (typeof SEVERITIES)[number] | "";
  from: string;
  to: string;
};

const NO_FILTERS = { category: "", severity: "", from: "", to: "" };

const queryOf = ({ category, severity, from, to }: Filters) => ({
  ...(category ? { category } : {}),
  ...(severity ? { severity } : {}),
  ...(from ? { from } : {}),
  ...(to ? { to } : {}),
});

export default function ErrorsPage() {
  const { t } = useWords();
  usePageTitle(t("admin.errors.title"));
  const { api } = useLive();
  const sayProblem = useProblemToast();
  const [asked, setFilters] = useFilters(NO_FILTERS, { category: CATEGORIES, severity: SEVERITIES });
  const filters = { ...asked, from: dayOf(asked.from), to: dayOf(asked.to) } as Filters;
  const isBackwards = filters.from !== "" && filters.to !== "" && filters.from > filters.to;
  const download = useMutation({
    mutationFn: async (format: "json" | "csv") => {
      const { data } = await api.GET("/admin/errors", {
        params: { query: { ...queryOf(filters), format } },
        parseAs: "blob",
      });
      save(data as unknown as Blob, `errors.${format}`);
    },
    onError: sayProblem,
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.errors.title")}</h1>
        <div className="row">
          <Button size="small" icon={<Download size={18} aria-hidden />} onPress={() => download.mutate("json")}>
            {t("admin.errors.exportJson")}
          </Button>
          <Button size="small" icon={<Download size={18} aria-hidden />} onPress={() => download.mutate("csv")}>
            {t("admin.errors.exportCsv")}
          </Button>
        </div>
      </div>
      <Rate />
      <div className="card filter-bar">
        <Select
          label={t("admin.errors.category")}
          value={filters.category}
          onChange={(category) => setFilters({ ...filters, category })}
          options={[{ value: "", label: t("common.all") }, ...CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) }))]}
        />
        <Select
          label={t("admin.errors.severity")}
          value={filters.severity}
          onChange={(severity) => setFilters({ ...filters, severity })}
          options={[{ value: "", label: t("common.all") }, ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))]}
        />
        <DateField label={t("admin.bookings.from")} value={filters.from} onChange={(from) => setFilters({ ...filters, from })} />
        <DateField label={t("admin.bookings.to")} value={filters.to} onChange={(to) => setFilters({ ...filters, to })} />
      </div>
      {isBackwards ? <PeriodProblem text={t("admin.period.backwards")} /> : <Events filters={filters} />}
    </div>
  );
}

/** Gives a file to the browser's downloads. */
function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Rate() {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const rate = useQuery({
    queryKey: ["admin", "errors", "rate"],
    queryFn: () => answer(api.GET("/admin/errors/rate")),
    refetchInterval,
  });
  return (
    <section className="card stack">
      <h2>{t("admin.errors.rate")}</h2>
      <Answer query={rate} lines={1}>
        {({ items }) => {
          const since = (milliseconds: number) =>
            items
              .filter(({ minute }) => serverNow() - Date.parse(minute) < milliseconds)
              .reduce((sum, { count }) => sum + count, 0);
          const kinds = new Map<string, number>();
          for (const { category, severity, count } of items) {
            const kind = `${inWords(words, "category", category)} · ${inWords(words, "severity", severity)}`;
            kinds.set(kind, (kinds.get(kind) ?? 0) + count);
          }
          const minutes = new Map<string, number>();
          for (const { minute, count } of items) {
            if (serverNow() - Date.parse(minute) < 5 * 60_000) minutes.set(minute, (minutes.get(minute) ?? 0) + count);
          }
          const most = Math.max(0, ...minutes.values());
          return (
            <>
              <dl className="figures">
                <div className="figure">
                  <dt>{t("admin.errors.now")}</dt>
                  <dd className={most >= 10 ? "bad" : ""}>{most}</dd>
                </div>
                <div className="figure">
                  <dt>{t("admin.errors.hour")}</dt>
                  <dd>{since(3_600_000)}</dd>
                </div>
              </dl>
              {kinds.size > 0 ? (
                <ul className="lines">
                  {[...kinds].map(([kind, count]) => (
                    <li key={kind}>
                      <span>{kind}</span>
                      <strong>{count}</strong>
                    </li>
                  ))}
                </ul>
              ) : null}
              <p className="muted small">{t("admin.errors.alarm")}</p>
            </>
          );
        }}
      </Answer>
    </section>
  );
}

function Events({ filters }: { filters: Filters }) {
  const words = useWords();
  const { t } = words;
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const events = useGrowingList<ErrorEvent>({
    queryKey: ["admin", "errors", filters],
    refetchInterval,
    idOf: ({ eventId }) => eventId,
    orderOf: ({ at }) => at,
    page: async (cursor) => {
      const page = await answer(
        api.GET("/admin/errors", { params: { query: { ...queryOf(filters), ...(cursor ? { cursor } : {}) } } }),
      );
      if (typeof page === "string") throw new Error("the server answered with text");
      return page;
    },
  });
  return (
    <GrowingList list={events} empty={<Empty title={t("admin.errors.empty.title")} text={t("admin.errors.empty.text")} />}>
      {(items) => (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t("admin.errors.title")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t("admin.errors.at")}</th>
                <th scope="col">{t("admin.errors.category")}</th>
                <th scope="col">{t("admin.errors.severity")}</th>
                <th scope="col">{t("admin.errors.message")}</th>
                <th scope="col">{t("admin.errors.where")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((event) => (
                <tr key={event.eventId}>
                  <th scope="row">{words.dateTime(event.at, "Asia/Jakarta")}</th>
                  <td>{inWords(words, "category", event.category)}</td>
                  <td>
                    <span className={event.severity === "critical" ? "badge badge-declined" : "badge badge-pending"}>
                      {inWords(words, "severity", event.severity)}
                    </span>
                  </td>
                  <td>
                    <span className="cell-main">{event.message}</span>
                    <span className="cell-more id">
                      {event.code}
                      {event.bookingId ? (
                        <>
                          {" · "}
                          <BookingLink bookingId={event.bookingId} />
                        </>
                      ) : null}
                    </span>
                  </td>
                  <td>
                    <span className="cell-main">{event.functionName}</span>
                    <span className="cell-more id">
                      {event.traceUrl === null ? (
                        (event.requestId ?? event.traceId)
                      ) : (
                        <a href={event.traceUrl} target="_blank" rel="noreferrer">
                          {event.requestId ?? event.traceId}
                        </a>
                      )}
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
