import type { Booking } from "../api/types";
import { serverNow } from "../app/serverClock";

/** What can matter of a booking now; the first matters most. */
export const LIVE_STATES = ["ended", "proposed", "arrived", "en_route", "started", "pending", "confirmed"] as const;
export type LiveState = (typeof LIVE_STATES)[number];

const MINUTE = 60_000;
/** What has ended is news for so long. */
const NEWS_FOR = 30 * MINUTE;
/** A visit that is agreed is shown from so long before it begins. */
const SOON = 24 * 60 * MINUTE;
/** An agreed visit that nobody has closed is no news any more so long after its end. */
const LONG_AFTER = 2 * 60 * MINUTE;

const ENDS: ReadonlySet<string> = new Set(["declined", "expired", "cancelled", "no_show"]);

type Known = Pick<
  Booking,
  "status" | "responseDeadline" | "updatedAt" | "scheduledTime" | "confirmedAt" | "endsAt" | "visitStep" | "proposal" | "duration" | "noShowBy"
>;

/** How a booking stands for its customer; null if there is nothing to know now. */
export function stateOf(booking: Known, now: number = serverNow()): LiveState | null {
  const { status } = booking;
  if (status === "pending") return Date.parse(booking.responseDeadline) > now ? "pending" : "ended";
  if (ENDS.has(status)) {
    const isOurs = status === "no_show" && booking.noShowBy === "customer";
    return !isOurs && now - Date.parse(booking.updatedAt) < NEWS_FOR ? "ended" : null;
  }
  if (status !== "confirmed") return null;
  if (booking.proposal && booking.proposal.by !== "customer" && Date.parse(booking.proposal.expiresAt) > now) return "proposed";
  const step = booking.visitStep;
  if (step === "en_route" || step === "arrived" || step === "started") return step;
  const begins = Date.parse(booking.scheduledTime ?? booking.confirmedAt ?? booking.updatedAt);
  const ends = booking.endsAt ? Date.parse(booking.endsAt) : begins + booking.duration * MINUTE;
  return begins - now < SOON && now < ends + LONG_AFTER ? "confirmed" : null;
}

/** The booking that matters most; of those that matter alike the newest. */
export function mostUrgent<Item extends Known>(bookings: readonly Item[], now: number = serverNow()): Item | null {
  const ranked = bookings.flatMap((booking) => {
    const state = stateOf(booking, now);
    return state ? [{ booking, rank: LIVE_STATES.indexOf(state) }] : [];
  });
  ranked.sort((one, other) => one.rank - other.rank);
  return ranked[0]?.booking ?? null;
}

/** Whether somebody who waits wants to hear of this change. */
export function isNews(former: LiveState | null, present: LiveState | null): boolean {
  return present !== null && former !== present && present !== "pending";
}
