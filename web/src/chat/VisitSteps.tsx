import { Check } from "lucide-react";
import { useState } from "react";
import { problemOf } from "../api/problem";
import type { Booking, VisitStep } from "../api/types";
import { useWords } from "../app/AppContext";
import { Button, Field } from "../ui/controls";
import { useBookingCommand } from "./useBookingCommand";
import "../styles/visit.css";

const STEPS = ["en_route", "arrived", "started", "finished"] as const satisfies readonly VisitStep[];
const AT = { en_route: "enRouteAt", arrived: "arrivedAt", started: "startedAt", finished: "finishedAt" } as const;

/** How far a visit has come, with the times as the server took them. */
export function VisitSteps({ booking }: { booking: Booking }) {
  const words = useWords();
  const { t } = words;
  const reached = booking.visitStep ? STEPS.indexOf(booking.visitStep) : -1;
  const begun = [
    { name: t("visit.requested"), at: booking.createdAt, isDone: true, isNow: booking.status === "pending" },
    {
      name: t("status.confirmed"),
      at: booking.confirmedAt,
      isDone: booking.confirmedAt !== null,
      isNow: booking.status === "confirmed" && reached === -1,
    },
  ];
  const steps = STEPS.map((step, index) => ({
    name: t(`visit.step.${step}`),
    at: booking[AT[step]] ?? (step === "finished" ? booking.completedAt : null),
    // Whoever forgot to say that they had left has left all the same.
    isDone: index <= reached || booking.status === "completed",
    isNow: index === reached && booking.status === "confirmed",
  }));
  return (
    <ol className="visit-steps" aria-label={t("visit.steps")}>
      {[...begun, ...steps].map((step) => (
        <li key={step.name} className={step.isDone ? "visit-step visit-step-done" : "visit-step"} aria-current={step.isNow ? "step" : undefined}>
          <span className="visit-step-mark" aria-hidden>
            {step.isDone ? <Check size={14} /> : null}
          </span>
          <span>
            {step.name}
            {step.isDone ? <span className="visually-hidden"> ({t("visit.done")})</span> : null}
          </span>
          {step.at ? <time dateTime={step.at}>{words.time(step.at, booking.timeZone)}</time> : null}
        </li>
      ))}
    </ol>
  );
}

/** What a therapist says next about a visit, as one large button; the customer's code is asked for where it is needed. */
export function NextStep({ booking }: { booking: Booking }) {
  const { t } = useWords();
  const [wanted, setWanted] = useState<VisitStep | null>(null);
  const [code, setCode] = useState("");
  const command = useBookingCommand((failure) => {
    const problem = problemOf(failure);
    if (problem.code !== "validation_failed" || !problem.body.errors?.some(({ path }) => path === "startCode")) return false;
    if (command.variables?.command === "visit") setWanted(command.variables.step);
    return true;
  });
  const next = STEPS[booking.visitStep ? STEPS.indexOf(booking.visitStep) + 1 : 0];
  if (booking.status !== "confirmed" || !next) return null;
  const step = wanted ?? next;
  const isWrong = wanted !== null && command.isError && code.length === 4;
  const go = () =>
    command.mutate(
      { command: "visit", booking, step, ...(code ? { startCode: code } : {}) },
      {
        onSuccess: () => {
          setWanted(null);
          setCode("");
        },
      },
    );
  return (
    <form
      className="next-step stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      {wanted ? (
        <>
          <p>{t("visit.codeText", { name: booking.customerName })}</p>
          <Field
            label={t("visit.code")}
            inputMode="numeric"
            autoComplete="off"
            value={code}
            onChange={(text) => {
              command.reset();
              setCode(text.replace(/\D/g, "").slice(0, 4));
            }}
            problem={isWrong ? t("problem.wrong_code") : null}
          />
        </>
      ) : null}
      <Button type="submit" look="primary" size="large" busy={command.isPending} isDisabled={wanted !== null && code.length < 4}>
        {t(`visit.say.${step}`)}
      </Button>
    </form>
  );
}
