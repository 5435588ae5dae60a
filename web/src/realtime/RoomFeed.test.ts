import { beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../api/types";
import { message, messages } from "./messages.fixture";
import { RoomFeed } from "./RoomFeed";

let stored: Message[];
let feed: RoomFeed;
let asked: string[];

const shown = () => feed.snapshot.items.map((item) => item.sequence);
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
  stored = messages(1, 120);
  asked = [];
  feed = new RoomFeed(
    "room",
    {
      newest: async () => {
        asked.push("newest");
        return { items: stored.slice(-50), hasMore: stored.length > 50 };
      },
      before: async (sequence) => {
        asked.push(`before ${sequence}`);
        const older = stored.filter((item) => item.sequence < sequence);
        return { items: older.slice(-50), hasMore: older.length > 50 };
      },
      after: async (sequence) => {
        asked.push(`after ${sequence}`);
        const newer = stored.filter((item) => item.sequence > sequence);
        return { items: newer.slice(0, 50), hasMore: newer.length > 50 };
      },
    },
    () => ({ userId: "me", role: "customer", name: "Me" }),
  );
});

describe("a room on the screen", () => {
  it("opens with the newest fifty and goes back fifty at a time", async () => {
    await feed.open();
    expect(shown()).toEqual(messages(71, 120).map((item) => item.sequence));
    await feed.loadOlder();
    await feed.loadOlder();
    await feed.loadOlder();
    expect(shown()).toHaveLength(120);
    expect(asked).toEqual(["newest", "before 71", "before 21"]);
  });

  it("fetches what it missed when a message does not follow the last", async () => {
    await feed.open();
    stored = messages(1, 240);
    feed.take({ type: "message", message: message(240) });
    await settled();
    expect(shown().at(-1)).toBe(240);
    expect(shown()).toHaveLength(170);
  });

  it("catches up after a reconnect without doubling anything", async () => {
    await feed.open();
    stored = messages(1, 123);
    await feed.open();
    await feed.open();
    expect(shown()).toHaveLength(53);
  });

  it("puts our own message in when it is acknowledged", async () => {
    await feed.open();
    feed.acknowledged(
      { clientMessageId: "x", conversationId: "room", message: "hi", messageType: "text", createdAt: "" },
      { sequence: 121, timestamp: "2026-11-22T08:15:00.000Z" },
    );
    expect(feed.snapshot.items.at(-1)).toMatchObject({ sequence: 121, senderId: "me", clientMessageId: "x" });
  });

  it("takes no notice of other rooms", async () => {
    await feed.open();
    feed.take({ type: "message", message: message(121, { conversationId: "another" }) });
    expect(shown().at(-1)).toBe(120);
  });

  it("moves the other side's horizon only forward", async () => {
    await feed.open();
    feed.take({ type: "read", conversationId: "room", userId: "t-ayu", sequence: 100 });
    feed.take({ type: "read", conversationId: "room", userId: "t-ayu", sequence: 90 });
    expect(feed.snapshot.otherReadSequence).toBe(100);
  });

  it("shows the surroundings of a message that a search found, and finds the way back", async () => {
    stored = messages(1, 900);
    await feed.open();
    await feed.showAround(300);
    expect(shown()).toContain(300);
    expect(feed.snapshot.detached).toBe(true);
    await feed.toEnd();
    expect(shown().at(-1)).toBe(900);
    expect(feed.snapshot.detached).toBe(false);
  });

  it("says so when it cannot be opened", async () => {
    const broken = new RoomFeed(
      "room",
      { newest: () => Promise.reject(new Error("no")), before: () => Promise.reject(), after: () => Promise.reject() },
      () => ({ userId: "me", role: "customer", name: "Me" }),
    );
    await expect(broken.open()).rejects.toThrow("no");
    expect(broken.snapshot.status).toBe("failed");
  });
});
