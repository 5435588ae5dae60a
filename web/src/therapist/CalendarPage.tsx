import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { answer } from "../api/client";
import type { Booking, OpeningHours } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { usePageTitle } from "../app/pageTitle";
import { serverNow } from "../app/serverClock";
import { OtherTimeSheet } from "../chat/OtherTime";
import { localDate, weekdayOf } from "../customer/catalogue";
import { StatusBadge, TestMark } from "../ui/bits";
import { Button } from "../ui/controls";
import { Question } from "../ui/Sheet";
import { Answer } from "../ui/states";
import { useConfirmed, useProfile, useWaiting } from "./queries";

const DAYS_SHOWN = 7;
const WEEKS_AHEAD = 8;

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
  const [week, setWeek] = useState(0);
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
                  <div className="row">
                    <Button size="small" icon={<ChevronLeft size={18} aria-hidden />} isDisabled={week === 0} onPress={() => setWeek(week - 1)}>
                      {t("desk.calendar.before")}
                    </Button>
                    <Button size="small" icon={<ChevronRight size={18} aria-hidden />} isDisabled={week === WEEKS_AHEAD} onPress={() => setWeek(week + 1)}>
                      {t("desk.calendar.after")}
                    </Button>
                  </div>
                  {bookings.length === 0 ? <p className="notice">{t("desk.calendar.empty")}</p> : null}
                  <ol className="calendar">
                    {Array.from({ length: DAYS_SHOWN }, (_, ahead) => localDate(timeZone, week * DAYS_SHOWN + ahead)).map((date) => (
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
                  <Feed />
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
      {bookings.map((booking) => (
        <Visit key={booking.bookingId} booking={booking} timeZone={timeZone} />
      ))}
    </li>
  );
}

/** One visit; what is agreed and lies ahead can be moved by proposing another time. */
function Visit({ booking, timeZone }: { booking: Booking; timeZone: string }) {
  const words = useWords();
  const { t } = words;
  const [isMoving, setIsMoving] = useState(false);
  const end = new Date(Date.parse(startOf(booking)) + booking.duration * 60_000).toISOString();
  const isAhead = booking.scheduledTime !== null && Date.parse(booking.scheduledTime) > serverNow() && !booking.startedAt;
  const { proposal } = booking;
  return (
    <div className="visit">
      <Link href={`/chats/${booking.chatRoomId}/booking`} className="visit-link">
        <strong>
          {words.time(startOf(booking), timeZone)}–{words.time(end, timeZone)}
        </strong>
        <span>{booking.customerName}</span>
      </Link>
      <StatusBadge status={booking.status} />
      <TestMark of={booking} />
      {proposal ? <span className="small">{t("desk.calendar.proposed", { time: words.dateTime(proposal.scheduledTime, timeZone) })}</span> : null}
      {booking.status === "confirmed" && isAhead && !proposal ? (
        <Button size="small" look="quiet" aria-label={t("desk.calendar.moveOf", { name: booking.customerName })} onPress={() => setIsMoving(true)}>
          {t("desk.calendar.move")}
        </Button>
      ) : null}
      {isMoving ? <OtherTimeSheet booking={booking} kind="propose" onClose={() => setIsMoving(false)} /> : null}
    </div>
  );
}

/** The address by which a therapist's own calendar follows these visits; a new one ends the old. */
function Feed() {
  const { t } = useWords();
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const key = ["calendar-feed", identity.userId];
  const [isShown, setIsShown] = useState(false);
  const feed = useQuery({ queryKey: key, enabled: isShown, queryFn: () => answer(api.GET("/me/calendar-feed")) });
  const rotate = useMutation({
    mutationFn: () => answer(api.POST("/me/calendar-feed/rotate")),
    onSuccess: (made) => queries.setQueryData(key, made),
    onError: useProblemToast(),
    onSettled: () => setIsAsking(false),
  });
  return (
    <section className="card stack">
      <h2>{t("desk.calendar.feed")}</h2>
      <p className="muted small">{t("desk.calendar.feedText")}</p>
      {isShown ? (
        <Answer query={feed} lines={1}>
          {({ url }) => (
            <>
              <code className="feed-address">{url}</code>
              <div className="row">
                <Button size="small" onPress={() => void navigator.clipboard.writeText(url)}>
                  {t("desk.calendar.copy")}
                </Button>
                <Button size="small" look="quiet" onPress={() => setIsAsking(true)}>
                  {t("desk.calendar.rotate")}
                </Button>
              </div>
            </>
          )}
        </Answer>
      ) : (
        <div className="row">
          <Button onPress={() => setIsShown(true)}>{t("desk.calendar.show")}</Button>
        </div>
      )}
      {isAsking ? (
        <Question
          title={t("desk.calendar.rotate")}
          text={t("desk.calendar.rotateText")}
          confirm={t("desk.calendar.rotate")}
          busy={rotate.isPending}
          onConfirm={() => rotate.mutate()}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
    </section>
  );
}
