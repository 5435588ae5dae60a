import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observeServerTime, serverNow } from "./serverClock";

const SERVER = Date.parse("2026-11-22T08:15:00.000Z");
const header = new Date(SERVER).toUTCString();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the server's clock", () => {
  it("is what counts on a device whose own clock is ahead or behind", () => {
    for (const minutes of [15, -15]) {
      vi.setSystemTime(SERVER + minutes * 60_000);
      observeServerTime(header, Date.now());
      expect(Math.abs(serverNow() - SERVER)).toBeLessThan(1_000);
    }
  });

  it("is this device's own when they agree but for the header's whole seconds", () => {
    vi.setSystemTime(SERVER + 900);
    observeServerTime(header, Date.now());
    expect(serverNow()).toBe(Date.now());
  });

  it("is not learned from an answer that took too long to tell, nor from none", () => {
    vi.setSystemTime(SERVER);
    observeServerTime(header, Date.now());
    vi.setSystemTime(SERVER + 20_000);
    observeServerTime(header, SERVER);
    observeServerTime(null, Date.now());
    observeServerTime("yesterday", Date.now());
    expect(serverNow()).toBe(Date.now());
  });
});
