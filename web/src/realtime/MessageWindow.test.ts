import { describe, expect, it } from "vitest";
import { message, messages } from "./messages.fixture";
import { MessageWindow } from "./MessageWindow";

const sequences = (window: MessageWindow) => window.items.map((item) => item.sequence);

describe("a window of messages", () => {
  it("takes messages in order", () => {
    const window = new MessageWindow();
    window.reset(messages(1, 3));
    expect(window.append(message(4))).toBe("added");
    expect(sequences(window)).toEqual([1, 2, 3, 4]);
  });

  it("takes a repeated message once", () => {
    const window = new MessageWindow();
    window.reset(messages(1, 3));
    expect(window.append(message(2, { message: "as it is now" }))).toBe("known");
    expect(sequences(window)).toEqual([1, 2, 3]);
    expect(window.items[1]?.message).toBe("as it is now");
  });

  it("notices a gap and closes it with the page that was missing", () => {
    const window = new MessageWindow();
    window.reset(messages(1, 3));
    expect(window.append(message(6))).toBe("gap");
    expect(sequences(window)).toEqual([1, 2, 3]);
    window.appendPage(messages(4, 6), false);
    expect(sequences(window)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("never holds more than five hundred, however far one scrolls back", () => {
    const window = new MessageWindow();
    window.reset(messages(4951, 5000));
    for (let first = 4951; first > 1; first -= 50) {
      window.prependPage(messages(first - 50, first - 1));
      expect(window.items.length).toBeLessThanOrEqual(500);
    }
    expect(window.first).toBe(1);
    expect(window.last).toBe(500);
    expect(window.detached).toBe(true);
    expect(window.hasOlder).toBe(false);
  });

  it("comes back to the end page by page", () => {
    const window = new MessageWindow();
    window.reset(messages(501, 1000));
    window.prependPage(messages(451, 500));
    expect(window.detached).toBe(true);
    window.appendPage(messages(951, 1000), false);
    expect(window.detached).toBe(false);
    expect(window.first).toBe(501);
    expect(window.last).toBe(1000);
  });

  it("does not take new messages while it is away from the end, but knows of them", () => {
    const window = new MessageWindow(4);
    window.reset(messages(5, 8));
    window.prependPage(messages(3, 4));
    expect(window.append(message(9))).toBe("detached");
    expect(sequences(window)).toEqual([3, 4, 5, 6]);
    expect(window.lastKnown).toBe(9);
  });

  it("drops the oldest when new ones come", () => {
    const window = new MessageWindow(3);
    window.reset(messages(1, 3));
    window.append(message(4));
    expect(sequences(window)).toEqual([2, 3, 4]);
    expect(window.hasOlder).toBe(true);
  });

  it("marks only our own messages as read by the other side", () => {
    const window = new MessageWindow();
    window.reset([message(1, { senderId: "me" }), message(2), message(3, { senderId: "me" })]);
    window.markRead(2, (item) => item.senderId === "me");
    expect(window.items.map((item) => item.isRead)).toEqual([true, false, false]);
  });

  it("keeps consecutive numbers under any mixture of pages, repeats and live messages", () => {
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const window = new MessageWindow(60);
    window.reset(messages(451, 500));
    let newest = 500;
    for (let step = 0; step < 2000; step += 1) {
      const choice = random();
      if (choice < 0.3) window.append(message((newest += 1)));
      else if (choice < 0.4) window.append(message((newest += Math.ceil(random() * 3))));
      else if (choice < 0.6) window.append(message(Math.ceil(random() * newest)));
      else if (choice < 0.8) {
        const first = window.first;
        if (first > 1) window.prependPage(messages(Math.max(1, first - 50), first - 1));
      } else {
        const last = window.last;
        const end = Math.min(newest, last + 50);
        if (end > last) window.appendPage(messages(last + 1, end), end < newest);
      }
      const run = sequences(window);
      expect(run.length).toBeLessThanOrEqual(60);
      expect(run.every((value, index) => index === 0 || value === (run[index - 1] ?? 0) + 1)).toBe(true);
    }
  });
});
