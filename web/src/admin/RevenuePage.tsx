import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, CircleCheck, Link2, MessageCircle, MousePointerClick, SlidersHorizontal, TriangleAlert, UtensilsCrossed } from "lucide-react";
import { lazy, Suspense, type ReactNode } from "react";
import { answer } from "../api/client";
import { PAYMENT_STATUSES, SOURCES, type Revenue, type Source } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { localDate } from "../customer/catalogue";
import { dayOf, useFilters } from "../data/useFilters";
import type { Words } from "../i18n/text";
import { PaymentBadge } from "../ui/bits";
import { Button, DateField } from "../ui/controls";
import { ShareBar } from "../ui/ShareBar";
import { Answer, Loading } from "../ui/states";
import { toast } from "../ui/toasts";
import { Audits } from "./Audits";
import { has, useDuties } from "./duties";
import { BookingLink } from "./BookingLink";
import { PeriodProblem } from "./PeriodProblem";
import { useRefetchInterval } from "./refreshing";

const RevenueChart = lazy(() => import("./RevenueChart"));

const ICONS: Record<Source, ReactNode> = {
  bookingButton: <MousePointerClick size={20} aria-hidden />,
  chatWindow: <MessageCircle size={20} aria-hidden />,
  menuSlider: <UtensilsCrossed size={20} aria-hidden />,
  scheduled: <CalendarClock size={20} aria-hidden />,
  priceSlider: <SlidersHorizontal size={20} aria-hidden />,
  direct: <Link2 size={20} aria-hidden />,
};

/** The server reads so much in one go. */
const LONGEST_PERIOD_DAYS = 366;

function periodProblem({ t }: Words, from: string, to: string): string | null {
  if (!dayOf(from) || !dayOf(to)) return t("admin.period.none");
  if (from > to) return t("admin.period.backwards");
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  return days > LONGEST_PERIOD_DAYS ? t("admin.period.long", { count: LONGEST_PERIOD_DAYS }) : null;
}

export default function RevenuePage() {
  const words = useWords();
  const { t } = words;
  usePageTitle(t("admin.revenue.title"));
  const { api } = useLive();
  const duties = useDuties();
  const refetchInterval = useRefetchInterval();
  const [asked, setPeriod] = useFilters({ from: localDate("Asia/Jakarta", -29), to: localDate("Asia/Jakarta") });
  const { from, to } = asked;
  const problem = periodProblem(words, from, to);
  const revenue = useQuery({
    queryKey: ["admin", "revenue", from, to],
    enabled: problem === null,
    queryFn: () => answer(api.GET("/admin/revenue", { params: { query: { from, to } } })),
    refetchInterval,
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.revenue.title")}</h1>
        <div className="period">
          <DateField label={t("admin.bookings.from")} value={from} onChange={(value) => setPeriod({ from: value, to })} />
          <DateField label={t("admin.bookings.to")} value={to} onChange={(value) => setPeriod({ from, to: value })} />
        </div>
      </div>
      {problem ? <PeriodProblem text={problem} /> : null}
      {problem ? null : (
        <Answer query={revenue} lines={5}>
          {(figures) => (
            <>
              <Validation revenue={figures} />
              <Totals revenue={figures} />
              <Sources revenue={figures} />
              <ByDay revenue={figures} />
              <div className="two-columns">
                <ByTherapist revenue={figures} />
                <ByPayment revenue={figures} />
              </div>
            </>
          )}
        </Answer>
      )}
      {has(duties, "operations") ? <Audits /> : null}
    </div>
  );
}

/** Whether every accepted booking has its commission; if not, in red and by name. */
function Validation({ revenue }: { revenue: Revenue }) {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const repair = useMutation({
    mutationFn: (bookingId: string) => answer(api.POST("/admin/audits/repair", { body: { bookingId } })),
    onSuccess: () => toast(t("admin.revenue.repaired"), "good"),
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  const { missing, wrongAmount } = revenue;
  return (
    <section className="card stack" aria-label={t("admin.revenue.validation")}>
      <h2>{t("admin.revenue.validation")}</h2>
      {missing.length === 0 && wrongAmount.length === 0 ? (
        <p className="verdict verdict-good" role="status">
          <CircleCheck size={20} aria-hidden />
          {t("admin.revenue.valid")}
        </p>
      ) : null}
      {missing.length > 0 ? (
        <div className="alarm" role="alert" data-missing-commissions>
          <strong>
            <TriangleAlert size={20} aria-hidden />
            {t("admin.revenue.missing", { count: missing.length })}
          </strong>
          <ul>
            {missing.map((bookingId) => (
              <li key={bookingId} className="row">
                <BookingLink bookingId={bookingId} />
                <Button size="small" busy={repair.isPending && repair.variables === bookingId} onPress={() => repair.mutate(bookingId)}>
                  {t("admin.revenue.repair")}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {wrongAmount.length > 0 ? (
        <div className="alarm" role="alert">
          <strong>
            <TriangleAlert size={20} aria-hidden />
            {t("admin.revenue.wrong", { count: wrongAmount.length })}
          </strong>
          <ul>
            {wrongAmount.map((bookingId) => (
              <li key={bookingId}>
                <BookingLink bookingId={bookingId} />
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  );
}

function Totals({ revenue }: { revenue: Revenue }) {
  const { t, money, percent } = useWords();
  const share = revenue.amount > 0 ? revenue.commission / revenue.amount : 0.3;
  return (
    <dl className="figures">
      <div className="figure">
        <dt>{t("admin.revenue.total")}</dt>
        <dd>{money(revenue.amount)}</dd>
      </div>
      <div className="figure">
        <dt>{t("admin.revenue.commission")}</dt>
        <dd>
          {money(revenue.commission)}
          <span className="muted small">{t("admin.revenue.share", { percent: percent(share) })}</span>
        </dd>
      </div>
      <div className="figure">
        <dt>{t("admin.revenue.bookings")}</dt>
        <dd>{revenue.bookings}</dd>
      </div>
    </dl>
  );
}

function Sources({ revenue }: { revenue: Revenue }) {
  const { t, money } = useWords();
  return (
    <section className="stack">
      <h2>{t("admin.revenue.bySource")}</h2>
      <ul className="sources">
        {SOURCES.map((source) => {
          const largest = Math.max(...SOURCES.map((each) => revenue.bySource[each]?.amount ?? 0));
          const sums = revenue.bySource[source] ?? { bookings: 0, amount: 0, commission: 0 };
          return (
            <li key={source} className="card source" data-source={source}>
              {ICONS[source]}
              <span className="source-name">{t(`source.${source}`)}</span>
              <strong className="source-count">{sums.bookings}</strong>
              <span className="muted small">{money(sums.amount)}</span>
              <ShareBar part={sums.amount} of={largest} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function ByDay({ revenue }: { revenue: Revenue }) {
  const { t } = useWords();
  return (
    <section className="card stack">
      <h2>{t("admin.revenue.byDay")}</h2>
      {revenue.bookings === 0 ? (
        <p className="muted">{t("admin.revenue.empty")}</p>
      ) : (
        <Suspense fallback={<Loading lines={2} />}>
          <RevenueChart byDay={revenue.byDay} from={revenue.from} to={revenue.to} />
        </Suspense>
      )}
    </section>
  );
}

function ByTherapist({ revenue }: { revenue: Revenue }) {
  const { t, money } = useWords();
  const rows = Object.entries(revenue.byTherapist).sort(([, one], [, other]) => other.amount - one.amount);
  return (
    <section className="card stack">
      <h2>{t("admin.revenue.byTherapist")}</h2>
      {rows.length === 0 ? <p className="muted">{t("admin.revenue.empty")}</p> : null}
      <ul className="lines">
        {rows.map(([therapistId, sums]) => (
          <li key={therapistId}>
            <span>
              {sums.therapistName}
              <ShareBar part={sums.amount} of={rows[0]?.[1].amount ?? 0} />
            </span>
            <span className="muted small">{sums.bookings}</span>
            <strong>{money(sums.amount)}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ByPayment({ revenue }: { revenue: Revenue }) {
  const { t, money } = useWords();
  return (
    <section className="card stack">
      <h2>{t("admin.revenue.byPayment")}</h2>
      <ul className="lines">
        {PAYMENT_STATUSES.map((status) => (
          <li key={status}>
            <PaymentBadge status={status} />
            <strong>{money(revenue.commissionByStatus[status] ?? 0)}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}
