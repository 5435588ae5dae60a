import { Link } from "wouter";
import type { Booking, OpeningHours } from "../api/types";
import { useWords } from "../app/AppContext";
import { usePageTitle } from "../app/pageTitle";
import { localDate, weekdayOf } from "../customer/catalogue";
import { StatusBadge, TestMark } from "../ui/bits";
import { Answer } from "../ui/states";
import { useConfirmed, useProfile, useWaiting } from "./queries";

const DAYS_SHOWN = 14;

/** When a visit is: the time agreed, or for an immediate one the moment it was confirmed. */
const startOf = (booking: Booking) => booking.scheduledTime ?? booking.confirmedAt ?? booking.createdAt;

const dateIn = (instant: string, timeZone: string) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(instant));

export default function CalendarPage() {
  const words = useWords();
  const { t } = words;
  usePageTitle(t("desk.calendar.title"));
  const profile = useProfile();
  const waiting = useWaiting();
  const confirmed = useConfirmed();
  return (
    <div className="stack">
      <h1>{t("desk.calendar.title")}</h1>
      <Answer query={profile}>
        {({ timeZone, openingHours, overrides }) => (
          <Answer query={confirmed}>
            {(page) => {
              const bookings = [...page.items, ...(waiting.data ?? [])];
              return (
                <>
                  <p className="muted small">{t("desk.calendar.zone", { zone: words.zoneName(timeZone) })}</p>
                  {bookings.length === 0 ? <p className="notice">{t("desk.calendar.empty")}</p> : null}
                  <ol className="calendar">
                    {Array.from({ length: DAYS_SHOWN }, (_, ahead) => localDate(timeZone, ahead)).map((date) => (
                      <Day
                        key={date}
                        date={date}
                        timeZone={timeZone}
                        openings={overrides.find((override) => override.date === date)?.windows ?? openingHours[weekdayOf(date)]}
                        bookings={bookings
                          .filter((booking) => dateIn(startOf(booking), timeZone) === date)
                          .sort((one, other) => startOf(one).localeCompare(startOf(other)))}
                      />
                    ))}
                  </ol>
                </>
              );
            }}
          </Answer>
        )}
      </Answer>
    </div>
  );
}

interface DayProperties {
  date: string;
  timeZone: string;
  openings: OpeningHours["monday"];
  bookings: readonly Booking[];
}

function Day({ date, timeZone, openings, bookings }: DayProperties) {
  const words = useWords();
  const { t } = words;
  const hours = openings.map(({ opens, closes }) => `${opens}–${closes}`).join(", ");
  return (
    <li className={bookings.length > 0 ? "day day-busy" : "day"}>
      <h2 className="day-name">{words.weekday(`${date}T12:00:00Z`, "UTC")}</h2>
      {bookings.length === 0 ? (
        <p className="muted small">{hours ? t("desk.calendar.none", { hours }) : t("desk.menu.dayOff")}</p>
      ) : null}
      {bookings.map((booking) => {
        const end = new Date(Date.parse(startOf(booking)) + booking.duration * 60_000).toISOString();
        return (
          <Link key={booking.bookingId} href={`/chats/${booking.chatRoomId}`} className="visit">
            <strong>
              {words.time(startOf(booking), timeZone)}–{words.time(end, timeZone)}
            </strong>
            <span>{booking.customerName}</span>
            <StatusBadge status={booking.status} />
            <TestMark of={booking} />
          </Link>
        );
      })}
    </li>
  );
}
