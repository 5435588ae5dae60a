import { useQuery } from "@tanstack/react-query";
import { answer } from "../api/client";
import type { Duration, ListedTherapist, Therapist } from "../api/types";
import { useApp } from "../app/AppContext";
import { serverNow } from "../app/serverClock";
import { Avatar } from "../ui/bits";
import { Button } from "../ui/controls";
import { availabilityOf } from "./availability";
import { dateIn, pricesOf } from "./catalogue";

interface OtherTimesProperties {
  therapist: Therapist;
  duration: Duration;
  /** The time that was taken; null for at once. */
  time: string | null;
  onTime(scheduledTime: string): void;
  onOther(therapist: Therapist): void;
}

const TIMES_SHOWN = 4;
const OTHERS_SHOWN = 3;
/** So many others are asked for their free times. */
const OTHERS_ASKED = 6;
const DAYS_AHEAD = 3;

/** What is left after somebody was faster: the next free times, and who else could come when it was wanted. */
export function OtherTimes({ therapist, duration, time, onTime, onOther }: OtherTimesProperties) {
  const { publicApi, words } = useApp();
  const { t, money } = words;
  const freeTimes = async (therapistId: string, from: string, days: number) => {
    const found = await answer(
      publicApi.GET("/therapists/{therapistId}/slots", { params: { path: { therapistId }, query: { from, days, duration } } }),
    );
    return found.days.flatMap(({ slots }) => slots.map(({ start }) => start));
  };
  const wanted = time ?? new Date(serverNow()).toISOString();
  const times = useQuery({
    queryKey: ["catalogue", "slots", therapist.therapistId, "around", time, duration],
    queryFn: async () => {
      const free = await freeTimes(therapist.therapistId, dateIn(wanted, therapist.timeZone), DAYS_AHEAD);
      const away = (start: string) => Math.abs(Date.parse(start) - Date.parse(wanted));
      return free
        .filter((start) => start !== time)
        .sort((one, other) => away(one) - away(other))
        .slice(0, TIMES_SHOWN)
        .sort();
    },
  });
  const others = useQuery({
    queryKey: ["catalogue", "therapists", "instead", therapist.therapistId, time, duration],
    queryFn: async () => {
      const { items } = await answer(publicApi.GET("/therapists", { params: { query: { limit: 50, type: therapist.type, sort: "rating" } } }));
      const able = items.filter((other) => other.therapistId !== therapist.therapistId && priceOf(other, duration) !== null);
      if (time === null) return able.filter((other) => availabilityOf(other).isAvailable).slice(0, OTHERS_SHOWN);
      const asked = await Promise.all(
        able.slice(0, OTHERS_ASKED).map(async (other) => {
          const free = await freeTimes(other.therapistId, dateIn(time, other.timeZone), 1);
          return free.includes(time) ? [other] : [];
        }),
      );
      return asked.flat().slice(0, OTHERS_SHOWN);
    },
  });
  return (
    <div className="stack other-times">
      {times.data && times.data.length > 0 ? (
        <div>
          <p className="field-label">{t("book.nextTimes", { name: therapist.name })}</p>
          <div className="row row-tight">
            {times.data.map((start) => (
              <Button key={start} size="small" onPress={() => onTime(start)}>
                {words.dateTime(start, therapist.timeZone)}
              </Button>
            ))}
          </div>
        </div>
      ) : null}
      {others.data && others.data.length > 0 ? (
        <div>
          <p className="field-label">{t(time === null ? "book.othersNow" : "book.othersThen")}</p>
          <ul className="bare stack-tight">
            {others.data.map((other) => (
              <li key={other.therapistId} className="row row-between">
                <span className="row row-tight">
                  <Avatar name={other.name} size="small" photo={other.photoUrl} />
                  <strong>{other.name}</strong>
                  <span>{money(priceOf(other, duration) ?? 0)}</span>
                </span>
                <Button size="small" aria-label={t("book.takeOtherOf", { name: other.name })} onPress={() => onOther(other)}>
                  {t("book.takeOther")}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}

/** The lowest price of a visit of this length; null if there is none. */
function priceOf(therapist: ListedTherapist, duration: Duration): number | null {
  const prices = therapist.menu.flatMap((item) => pricesOf(item).flatMap((offered) => (offered.duration === duration ? [offered.price] : [])));
  return prices.length > 0 ? Math.min(...prices) : null;
}
