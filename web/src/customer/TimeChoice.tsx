import { useState } from "react";
import type { Duration, Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { Choice } from "../ui/controls";
import { Failure, Loading } from "../ui/states";
import { dateIn, localDate, useSlots } from "./catalogue";

const DAYS_SHOWN = 30;

interface TimeChoiceProperties {
  therapist: Therapist;
  duration: Duration;
  value: string | null;
  problem: string | null;
  onChange(scheduledTime: string | null): void;
}

const intoView = (element: HTMLElement | null) => element?.scrollIntoView({ block: "center" });

/** A day, then a free time on it, in the therapist's zone and 24-hour form. */
export function TimeChoice({ therapist, duration, value, problem, onChange }: TimeChoiceProperties) {
  const words = useWords();
  const { t } = words;
  // A time that is chosen already stands on its day.
  const [date, setDate] = useState(() => (value ? dateIn(value, therapist.timeZone) : localDate(therapist.timeZone)));
  const slots = useSlots(therapist.therapistId, date, duration, true);
  const days = Array.from({ length: DAYS_SHOWN }, (_, ahead) => localDate(therapist.timeZone, ahead));
  const part = (day: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(words.locale, { ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

  return (
    <>
      <Choice
        label={t("book.date")}
        look="strip"
        value={date}
        onChange={(day) => {
          setDate(day);
          onChange(null);
        }}
        options={days.map((day) => ({
          value: day,
          label: (
            <>
              <span className="small">{part(day, { weekday: "short" })}</span>{" "}
              <strong>{part(day, { day: "numeric" })}</strong>{" "}
              <span className="small">{part(day, { month: "short" })}</span>
            </>
          ),
        }))}
      />
      <div className="times">
        {problem ? (
          <p ref={intoView} className="field-problem" role="alert">
            {problem}
          </p>
        ) : null}
        {slots.isPending ? <Loading lines={2} /> : null}
        {slots.isError ? <Failure failure={slots.error} onRetry={() => void slots.refetch()} /> : null}
        {slots.data?.slots.length === 0 ? <p className="notice">{t("book.noSlots")}</p> : null}
        {slots.data && slots.data.slots.length > 0 ? (
          <Choice
            label={t("book.time")}
            value={value}
            onChange={onChange}
            options={slots.data.slots.map(({ start }) => ({
              value: start,
              label: words.time(start, therapist.timeZone),
              name: words.dateTime(start, therapist.timeZone),
            }))}
          />
        ) : null}
        <p className="muted small">{t("book.timeZone", { zone: words.zoneName(therapist.timeZone) })}</p>
      </div>
    </>
  );
}
