import { describe, expect, it } from "vitest";
import { isNews, mostUrgent, stateOf } from "./liveState";

const NOW = Date.parse("2026-11-22T08:00:00.000Z");
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const pending: Parameters<typeof stateOf>[0] = {
  status: "pending",
  responseDeadline: at(10),
  updatedAt: at(-1),
  scheduledTime: null,
  confirmedAt: null,
  endsAt: null,
  visitStep: null,
  proposal: null,
  duration: 60,
  noShowBy: null,
};

describe("the booking that matters now", () => {
  it("waits until its deadline, and has ended after it", () => {
    expect(stateOf(pending, NOW)).toBe("pending");
    expect(stateOf({ ...pending, responseDeadline: at(-1) }, NOW)).toBe("ended");
  });

  it("is news for half an hour after it was declined", () => {
    expect(stateOf({ ...pending, status: "declined" }, NOW)).toBe("ended");
    expect(stateOf({ ...pending, status: "declined", updatedAt: at(-31) }, NOW)).toBeNull();
  });

  it("is on its way, there, or asks for another time", () => {
    const confirmed = { ...pending, status: "confirmed" as const, confirmedAt: at(-5) };
    expect(stateOf(confirmed, NOW)).toBe("confirmed");
    expect(stateOf({ ...confirmed, visitStep: "en_route" }, NOW)).toBe("en_route");
    expect(stateOf({ ...confirmed, scheduledTime: at(3 * 24 * 60) }, NOW)).toBeNull();
    const proposal = { scheduledTime: at(90), by: "therapist" as const, expiresAt: at(5) };
    expect(stateOf({ ...confirmed, proposal }, NOW)).toBe("proposed");
    expect(stateOf({ ...confirmed, proposal: { ...proposal, by: "customer" } }, NOW)).toBe("confirmed");
  });

  it("is the one that asks most of its customer", () => {
    const declined = { ...pending, status: "declined" as const };
    const confirmed = { ...pending, status: "confirmed" as const, confirmedAt: at(-5) };
    expect(mostUrgent([confirmed, pending, declined], NOW)).toBe(declined);
    expect(mostUrgent([confirmed, pending], NOW)).toBe(pending);
    expect(mostUrgent([{ ...declined, updatedAt: at(-60) }], NOW)).toBeNull();
  });

  it("rings when it has come further, and not because somebody waits", () => {
    expect(isNews("pending", "ended")).toBe(true);
    expect(isNews("pending", "confirmed")).toBe(true);
    expect(isNews("confirmed", "confirmed")).toBe(false);
    expect(isNews(null, "pending")).toBe(false);
    expect(isNews("ended", null)).toBe(false);
  });
});
