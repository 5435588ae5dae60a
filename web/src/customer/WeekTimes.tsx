import type { Therapist } from "../api/types";
import { useWords } from "../app/AppContext";
import { Failure, Loading } from "../ui/states";
import type { BookingChoice } from "./choices";
import { pricesOf, useWeek } from "./catalogue";

interface WeekTimesProperties {
  therapist: Therapist;
  onBook(choice: BookingChoice): void;
}

/** So many times of a day are shown; the others a tap away. */
const TIMES_SHOWN = 5;

/** The free times of the next seven days for the shortest visit; a tap on one begins to book it. */
export function WeekTimes({ therapist, onBook }: WeekTimesProperties) {
  const words = useWords();
  const { t } = words;
  const shortest = Math.min(...therapist.menu.flatMap((item) => pricesOf(item).map(({ duration }) => duration)));
  const duration = shortest === 90 || shortest === 120 ? shortest : 60;
  const week = useWeek(therapist, duration);
  const choose = (scheduledTime?: string) =>
    onBook({ bookingType: "scheduled", source: "scheduled", duration, ...(scheduledTime ? { scheduledTime } : {}) });
  return (
    <section className="card stack" aria-label={t("find.week")}>
      <h2>{t("find.week")}</h2>
      {week.isPending ? <Loading lines={2} /> : null}
      {week.isError ? <Failure failure={week.error} onRetry={() => void week.refetch()} /> : null}
      {week.data ? (
        <ol className="week">
          {week.data.days.map(({ date, slots }) => {
            const day = new Intl.DateTimeFormat(words.locale, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
              new Date(`${date}T00:00:00Z`),
            );
            const shown = spread(slots, TIMES_SHOWN);
            return (
              <li key={date} className="week-day">
                <h3>{day}</h3>
                {slots.length === 0 ? <p className="muted week-none">{t("find.weekNone")}</p> : null}
                {shown.length > 0 ? (
                  <span className="week-times">
                    {shown.map(({ start }) => (
                      <button
                        key={start}
                        type="button"
                        className="chip"
                        aria-label={t("find.weekAt", { time: words.dateTime(start, therapist.timeZone) })}
                        onClick={() => choose(start)}
                      >
                        {words.time(start, therapist.timeZone)}
                      </button>
                    ))}
                    {slots.length > shown.length ? (
                      <button
                        type="button"
                        className="chip"
                        aria-label={t("find.weekMore", { count: slots.length - shown.length, day })}
                        onClick={() => choose(slots[0]?.start)}
                      >
                        +{slots.length - shown.length}
                      </button>
                    ) : null}
                  </span>
                ) : null}
              </li>
            );
          })}
        </ol>
      ) : null}
      <p className="muted small">{t("book.timeZone", { zone: words.zoneName(therapist.timeZone) })}</p>
    </section>
  );
}

/** A few of many, over the whole day: the first, the last and what lies evenly between. */
function spread<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))]).filter((item) => item !== undefined);
}
