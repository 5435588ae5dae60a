import type { Booking, Room } from "../api/types";

/** Every room begins with so many messages of the system. */
const OPENING = 3;
const STEPS = ["confirmedAt", "declinedAt", "expiredAt", "cancelledAt", "completedAt"] as const;

const isOver = ({ status }: Pick<Booking, "status">) => status !== "pending" && status !== "confirmed";

/**
 * How many messages of a room still want a reader. The server counts the system's among them; once a booking is over
 * those only say what its status says, so what is left is what people have written.
 */
export function unreadOf(room: Pick<Room, "unreadCount" | "readSequence" | "lastMessage" | "booking">): number {
  const { unreadCount, readSequence, lastMessage, booking } = room;
  if (unreadCount === 0 || !isOver(booking) || lastMessage?.senderRole !== "system") return unreadCount;
  const steps = STEPS.filter((step) => booking[step] !== null).length;
  // Who has read beyond the opening has hardly missed more of the system's words than the last one.
  const fromTheSystem = readSequence >= OPENING ? 1 : OPENING - readSequence + steps;
  return Math.max(0, unreadCount - fromTheSystem);
}

/** All of them together. */
export const unreadIn = (rooms: readonly Parameters<typeof unreadOf>[0][]): number =>
  rooms.reduce((sum, room) => sum + unreadOf(room), 0);

/** Rooms in the order of their last word, the latest first. */
export function byLastWord(one: Pick<Room, "lastMessage" | "createdAt">, other: Pick<Room, "lastMessage" | "createdAt">): number {
  const said = ({ lastMessage, createdAt }: typeof one) => lastMessage?.timestamp ?? createdAt;
  return said(other).localeCompare(said(one));
}
