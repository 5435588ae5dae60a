import type { Booking } from "../api/types";

/** What of a notification tells whether its bell is to ring. */
interface Rung {
  bookingId: string | null;
  notificationId: string;
  sound: boolean;
  isRead: boolean;
  createdAt: string;
}

/** A reassigned request is a new one, so it rings again. */
export const keyOf = (booking: Pick<Booking, "bookingId" | "responseDeadline">): string =>
  `${booking.bookingId} ${booking.responseDeadline}`;

/** The notification that rings for a request: the newest of those with a sound. */
export function ringOf<Notification extends Rung>(bookingId: string, notifications: readonly Notification[]): Notification | null {
  const rings = notifications.filter((notification) => notification.sound && notification.bookingId === bookingId);
  return rings.reduce<Notification | null>((newest, ring) => (newest && newest.createdAt >= ring.createdAt ? newest : ring), null);
}

/** Whether a request is silenced: in this browser, or on whatever other device its notification was read. */
export function isSilenced(
  booking: Pick<Booking, "bookingId" | "responseDeadline">,
  here: ReadonlySet<string>,
  notifications: readonly Rung[],
): boolean {
  return here.has(keyOf(booking)) || (ringOf(booking.bookingId, notifications)?.isRead ?? false);
}
