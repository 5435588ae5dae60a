import { useQuery } from "@tanstack/react-query";
import { BellRing, CalendarClock, CircleCheck, CircleX, Footprints, Hourglass, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { answer } from "../api/client";
import type { Booking } from "../api/types";
import { useWords } from "../app/AppContext";
import { useConnection, useLive } from "../app/LiveContext";
import { newsInTitle } from "../app/pageTitle";
import { Bell } from "../therapist/Bell";
import { Countdown, useIsOver } from "../ui/bits";
import { IconButton } from "../ui/controls";
import { isNews, mostUrgent, stateOf, type LiveState } from "./liveState";

const ICONS: Record<LiveState, ReactNode> = {
  ended: <CircleX size={22} aria-hidden />,
  proposed: <CalendarClock size={22} aria-hidden />,
  started: <CircleCheck size={22} aria-hidden />,
  arrived: <BellRing size={22} aria-hidden />,
  en_route: <Footprints size={22} aria-hidden />,
  pending: <Hourglass size={22} aria-hidden className="live-waiting" />,
  confirmed: <CircleCheck size={22} aria-hidden />,
};

const SEEN = "teduh.seen";

/** The one booking that matters now, on every page: how it stands, and where it goes on. It rings when that changes. */
export default function LiveBanner() {
  const { t, time, dateTime } = useWords();
  const { api, identity } = useLive();
  const isOpen = useConnection() === "open";
  const [path] = useLocation();
  const [seen, setSeen] = useState(() => sessionStorage.getItem(SEEN) ?? "");
  const bookings = useQuery({
    queryKey: ["bookings", identity.userId, "live"],
    refetchInterval: isOpen ? 60_000 : 10_000,
    queryFn: () => answer(api.GET("/bookings", { params: { query: { limit: 20 } } })),
  });
  const items = bookings.data?.items ?? [];
  const booking = mostUrgent(items.filter((each) => keyOf(each) !== seen));
  useIsOver(booking?.status === "pending" ? booking.responseDeadline : null);
  const state = booking ? stateOf(booking) : null;
  useNews(items);
  if (!booking || !state || path.startsWith(`/chats/${booking.chatRoomId}`)) return null;
  const name = booking.therapistName;
  const when = booking.scheduledTime ? dateTime(booking.scheduledTime, booking.timeZone) : t("chat.asSoon");
  const chat = `/chats/${booking.chatRoomId}`;
  return (
    <aside className={`live-banner live-${state}`} aria-label={t("live.label")} data-live={state}>
      {ICONS[state]}
      <p role="status">
        {state === "ended" ? t(`live.${endOf(booking)}`, { name }) : null}
        {state === "proposed" && booking.proposal
          ? t("live.proposed", { name, time: dateTime(booking.proposal.scheduledTime, booking.timeZone) })
          : null}
        {state === "pending" ? t("live.pending", { name }) : null}
        {state === "confirmed" ? t("live.confirmed", { name, when }) : null}
        {state === "en_route" ? t("live.en_route", { name }) : null}
        {state === "arrived" ? t("live.arrived", { name }) : null}
        {state === "started" ? t("live.started", { name, time: booking.endsAt ? time(booking.endsAt, booking.timeZone) : "" }) : null}
      </p>
      {state === "pending" ? <Countdown deadline={booking.responseDeadline} /> : null}
      <Link href={state === "proposed" || state === "ended" ? `${chat}/booking` : chat} className="button button-secondary button-small">
        {t(state === "ended" ? "live.others" : state === "proposed" ? "live.answer" : "live.open")}
      </Link>
      {state === "ended" ? (
        <IconButton
          label={t("common.close")}
          icon={<X size={18} aria-hidden />}
          onPress={() => {
            sessionStorage.setItem(SEEN, keyOf(booking));
            setSeen(keyOf(booking));
          }}
        />
      ) : null}
    </aside>
  );
}

const keyOf = (booking: Booking): string => `${booking.bookingId} ${booking.version}`;

function endOf(booking: Booking): "declined" | "expired" | "cancelled" {
  return booking.status === "declined" || booking.status === "expired" ? booking.status : "cancelled";
}

/** Rings once, and says so in the tab, when a booking has come further. */
function useNews(items: readonly Booking[]): void {
  const { t } = useWords();
  const bell = useMemo(() => new Bell(), []);
  const former = useRef<ReadonlyMap<string, LiveState | null> | null>(null);

  useEffect(() => {
    const unlock = () => void bell.unlock();
    const calm = () => document.visibilityState === "visible" && newsInTitle(null);
    window.addEventListener("pointerdown", unlock);
    window.addEventListener("keydown", unlock);
    document.addEventListener("visibilitychange", calm);
    return () => {
      window.removeEventListener("pointerdown", unlock);
      window.removeEventListener("keydown", unlock);
      document.removeEventListener("visibilitychange", calm);
      newsInTitle(null);
    };
  }, [bell]);

  useEffect(() => {
    const present = new Map(items.map((booking) => [booking.bookingId, stateOf(booking)]));
    const news = items.find((booking) => former.current?.has(booking.bookingId) && isNews(former.current.get(booking.bookingId) ?? null, stateOf(booking)));
    if (items.length > 0) former.current = present;
    if (!news) return;
    bell.once();
    const state = stateOf(news);
    newsInTitle(state === "ended" ? t(`status.${endOf(news)}`) : state === null ? null : t(`live.title.${state}`));
    // Whoever is looking has seen it by then.
    const timer = window.setTimeout(() => document.visibilityState === "visible" && newsInTitle(null), 10_000);
    return () => window.clearTimeout(timer);
  }, [items, bell, t]);
}
