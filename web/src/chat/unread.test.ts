import { describe, expect, it } from "vitest";
import type { Booking, Room } from "../api/types";
import { byLastWord, unreadIn, unreadOf } from "./unread";

const AT = "2026-11-22T08:15:00.000Z";

function room(booking: Partial<Booking>, unreadCount: number, readSequence: number, lastBy: "system" | "customer"): Room {
  const steps = { confirmedAt: null, declinedAt: null, expiredAt: null, cancelledAt: null, completedAt: null };
  return {
    unreadCount,
    readSequence,
    lastMessage: { senderRole: lastBy, timestamp: AT },
    booking: { ...steps, ...booking },
  } as Room;
}

describe("unread messages", () => {
  it("of requests that came to nothing are none, however many there were", () => {
    const expired = Array.from({ length: 40 }, () => room({ status: "expired", expiredAt: AT }, 4, 0, "system"));
    const cancelled = room({ status: "cancelled", confirmedAt: AT, cancelledAt: AT }, 5, 0, "system");
    expect(unreadIn([...expired, cancelled])).toBe(0);
  });

  it("of people still count when their booking is over", () => {
    expect(unreadOf(room({ status: "expired", expiredAt: AT }, 6, 0, "system"))).toBe(2);
    expect(unreadOf(room({ status: "cancelled", confirmedAt: AT, cancelledAt: AT }, 2, 10, "system"))).toBe(1);
    expect(unreadOf(room({ status: "completed", confirmedAt: AT, completedAt: AT }, 1, 6, "customer"))).toBe(1);
  });

  it("of a booking under way all count", () => {
    expect(unreadOf(room({ status: "pending" }, 3, 0, "system"))).toBe(3);
    expect(unreadOf(room({ status: "confirmed", confirmedAt: AT }, 1, 3, "system"))).toBe(1);
  });
});

describe("the list of chats", () => {
  it("begins with the latest word, whenever its booking was made", () => {
    const said = (createdAt: string, timestamp: string | null) =>
      ({ createdAt, lastMessage: timestamp ? { timestamp } : null }) as Room;
    const old = said("2026-11-01T00:00:00.000Z", "2026-11-22T00:00:00.000Z");
    const recent = said("2026-11-20T00:00:00.000Z", "2026-11-20T00:00:01.000Z");
    const silent = said("2026-11-21T00:00:00.000Z", null);
    expect([recent, silent, old].sort(byLastWord)).toEqual([old, silent, recent]);
  });
});
