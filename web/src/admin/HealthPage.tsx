import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleX, FlaskConical, RefreshCw } from "lucide-react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { HealthCheck } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { Definition } from "../ui/bits";
import { Button } from "../ui/controls";
import { Answer } from "../ui/states";
import { toast } from "../ui/toasts";
import { BookingLink } from "./BookingLink";
import { useRefetchInterval } from "./refreshing";

export default function HealthPage() {
  const { t } = useWords();
  usePageTitle(t("admin.health.title"));
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  const health = useQuery({
    queryKey: ["admin", "health"],
    queryFn: () => answer(api.GET("/admin/health")),
    // Checks are made when somebody asks: no more often than every five seconds.
    refetchInterval: Math.max(refetchInterval, 5_000),
  });
  return (
    <div className="stack">
      <div className="row row-between">
        <h1>{t("admin.health.title")}</h1>
        <Button icon={<RefreshCw size={18} aria-hidden />} busy={health.isFetching} onPress={() => void health.refetch()}>
          {t("common.refresh")}
        </Button>
      </div>
      <Answer query={health} lines={7}>
        {({ checks }) => {
          const red = checks.filter((check) => check.status === "red").length;
          return (
            <>
              <p className={red === 0 ? "verdict verdict-good" : "verdict verdict-bad"} role="status">
                {red === 0 ? <CircleCheck size={22} aria-hidden /> : <CircleX size={22} aria-hidden />}
                {red === 0 ? t("admin.health.green") : t("admin.health.red", { count: red })}
              </p>
              <ol className="checks">
                {checks.map((check) => (
                  <Check key={check.id} check={check} />
                ))}
              </ol>
            </>
          );
        }}
      </Answer>
      <TestBookings />
    </div>
  );
}

/** Which booking a broken link belongs to, as its message or its key says. */
function bookingOf({ error }: HealthCheck): string | null {
  const found = /^Booking (\S+) /.exec(error?.message ?? "") ?? /"bookingId":"([^"]+)"/.exec(error?.key ?? "");
  return found?.[1] ?? null;
}

function Check({ check }: { check: HealthCheck }) {
  const { t } = useWords();
  const bookingId = bookingOf(check);
  const isGreen = check.status === "green";
  return (
    <li className={isGreen ? "card check check-green" : "card check check-red"} data-check={check.id} data-status={check.status}>
      <div className="check-head">
        {isGreen ? <CircleCheck size={22} aria-hidden /> : <CircleX size={22} aria-hidden />}
        <h2>{t(`admin.health.${check.id}`)}</h2>
        <span className="check-status">{isGreen ? t("admin.health.ok") : t("admin.health.bad")}</span>
      </div>
      <p className="muted small">
        {t("admin.health.checked", { count: check.checked, latency: Math.round(check.latencyMs) })}
        {check.lagSeconds == null ? "" : ` · ${t("admin.health.lag", { seconds: check.lagSeconds })}`}
        {check.broken > 0 ? ` · ${t("admin.health.brokenRows", { count: check.broken })}` : ""}
      </p>
      {check.error ? (
        <div className="broken-link" role="alert">
          <strong>
            {t("admin.health.broken")}: {check.error.message}
          </strong>
          {bookingId ? (
            <Link href={`/?booking=${encodeURIComponent(bookingId)}`} className="button button-secondary button-small">
              {t("admin.health.openBooking")}
            </Link>
          ) : null}
          <dl className="definitions">
            <Definition term={t("admin.health.table")}>
              <code>{check.error.table}</code>
            </Definition>
            <Definition term={t("admin.health.query")}>
              <code>{check.error.query}</code>
            </Definition>
            <Definition term={t("admin.health.key")}>
              <code>{check.error.key}</code>
            </Definition>
          </dl>
        </div>
      ) : null}
    </li>
  );
}

const KINDS = ["immediate", "scheduled", "chat"] as const;

function TestBookings() {
  const { t } = useWords();
  const { api } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  const test = useMutation({
    mutationFn: (kind: (typeof KINDS)[number]) =>
      answer(
        api.POST("/admin/test-bookings", { body: { kind }, params: { header: { "Idempotency-Key": crypto.randomUUID() } } }),
      ),
    onSuccess: ({ steps }) => {
      const failed = steps.some((step) => step.status === "red");
      toast(failed ? t("admin.health.testFailed") : t("admin.health.testDone"), failed ? "bad" : "good");
    },
    onError: sayProblem,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (
    <section className="card stack">
      <h2>{t("admin.health.tests")}</h2>
      <p className="muted">{t("admin.health.testsText")}</p>
      <div className="row">
        {KINDS.map((kind) => (
          <Button
            key={kind}
            icon={<FlaskConical size={18} aria-hidden />}
            busy={test.isPending && test.variables === kind}
            isDisabled={test.isPending}
            onPress={() => test.mutate(kind)}
          >
            {t(`admin.health.test.${kind}`)}
          </Button>
        ))}
      </div>
      {test.data ? (
        <ol className="steps" aria-label={t("admin.health.tests")}>
          {test.data.steps.map((step) => (
            <li key={step.title} className={step.status === "green" ? "step step-green" : "step step-red"}>
              {step.status === "green" ? <CircleCheck size={16} aria-hidden /> : <CircleX size={16} aria-hidden />}
              {step.title}
              <span className="visually-hidden">{step.status === "green" ? t("admin.health.ok") : t("admin.health.bad")}</span>
              <span className="muted small">{Math.round(step.latencyMs)} ms</span>
            </li>
          ))}
          <li className="small muted">
            <BookingLink bookingId={test.data.booking.bookingId} />
          </li>
        </ol>
      ) : null}
    </section>
  );
}
