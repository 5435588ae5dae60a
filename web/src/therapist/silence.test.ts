import { describe, expect, it } from "vitest";
import { isSilenced, keyOf, ringOf } from "./silence";

const request = { bookingId: "b-1", responseDeadline: "2026-11-22T08:30:00.000Z" };
const ring = (over: Partial<{ bookingId: string; isRead: boolean; sound: boolean; createdAt: string; notificationId: string }> = {}) => ({
  notificationId: "n-1",
  bookingId: "b-1",
  sound: true,
  isRead: false,
  createdAt: "2026-11-22T08:15:00.000Z",
  ...over,
});

describe("the bell of a request", () => {
  it("is silent once somebody has silenced it in this browser", () => {
    expect(isSilenced(request, new Set(), [ring()])).toBe(false);
    expect(isSilenced(request, new Set([keyOf(request)]), [ring()])).toBe(true);
  });

  it("is silent once its notification was read on any device", () => {
    expect(isSilenced(request, new Set(), [ring({ isRead: true })])).toBe(true);
    expect(isSilenced(request, new Set(), [ring({ isRead: true, sound: false }), ring()])).toBe(false);
    expect(isSilenced(request, new Set(), [ring({ isRead: true, bookingId: "b-2" })])).toBe(false);
  });

  it("rings again for a request that comes back with a new deadline", () => {
    const again = { ...request, responseDeadline: "2026-11-22T09:30:00.000Z" };
    const former = ring({ isRead: true });
    const newer = ring({ notificationId: "n-2", createdAt: "2026-11-22T09:15:00.000Z" });
    expect(isSilenced(again, new Set([keyOf(request)]), [former, newer])).toBe(false);
    expect(ringOf("b-1", [newer, former])?.notificationId).toBe("n-2");
  });
});
