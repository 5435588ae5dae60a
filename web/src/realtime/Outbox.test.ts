import { beforeEach, describe, expect, it } from "vitest";
import { Outbox, type Attempt, type KeyValueStore, type Outgoing } from "./Outbox";

class Memory implements KeyValueStore {
  readonly content = new Map<string, string>();
  get(key: string) {
    return this.content.get(key) ?? null;
  }
  set(key: string, value: string | null) {
    if (value === null) this.content.delete(key);
    else this.content.set(key, value);
  }
  keys(beginning: string) {
    return [...this.content.keys()].filter((key) => key.startsWith(beginning));
  }
}

const written = (clientMessageId: string): Outgoing => ({
  clientMessageId,
  conversationId: "room",
  message: clientMessageId,
  messageType: "text",
  createdAt: "2026-11-22T08:15:00.000Z",
});

let store: Memory;
let online: boolean;
let tried: string[];
let arrived: string[];
let refuse: Set<string>;
let settledElsewhere: string[];

async function attempt(entry: Outgoing): Promise<Attempt> {
  tried.push(entry.clientMessageId);
  if (!online) return { kind: "unanswered" };
  if (refuse.has(entry.clientMessageId)) return { kind: "refused", code: "room_closed" };
  return { kind: "acknowledged", acknowledgement: { sequence: arrived.length + 1, timestamp: "" } };
}

const outbox = () =>
  new Outbox(store, "outbox/", {
    attempt,
    acknowledged: (entry) => arrived.push(entry.clientMessageId),
    settledElsewhere: (entry) => settledElsewhere.push(entry.clientMessageId),
  });
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
  store = new Memory();
  online = true;
  tried = [];
  arrived = [];
  refuse = new Set();
  settledElsewhere = [];
});

describe("the outbox", () => {
  it("sends at once and forgets what is acknowledged", async () => {
    const box = outbox();
    box.add(written("a"));
    await settled();
    expect(arrived).toEqual(["a"]);
    expect(box.entries).toEqual([]);
  });

  it("keeps the order of writing through a loss of network", async () => {
    online = false;
    const box = outbox();
    for (const id of ["a", "b", "c"]) box.add(written(id));
    await settled();
    expect(arrived).toEqual([]);
    expect(new Set(tried)).toEqual(new Set(["a"]));
    online = true;
    await box.flush();
    expect(arrived).toEqual(["a", "b", "c"]);
  });

  it("survives a reload with the same clientMessageId", async () => {
    online = false;
    outbox().add(written("a"));
    await settled();
    online = true;
    const reloaded = outbox();
    expect(reloaded.entries.map((entry) => entry.clientMessageId)).toEqual(["a"]);
    await reloaded.flush();
    expect(arrived).toEqual(["a"]);
  });

  it("sets a refused message aside and goes on with the next", async () => {
    refuse.add("a");
    const box = outbox();
    box.add(written("a"));
    box.add(written("b"));
    await settled();
    expect(arrived).toEqual(["b"]);
    expect(box.entries).toMatchObject([{ clientMessageId: "a", refusal: "room_closed" }]);
  });

  it("tries a refused message again when its writer asks for it", async () => {
    refuse.add("a");
    const box = outbox();
    box.add(written("a"));
    await settled();
    refuse.clear();
    box.retry("a");
    await settled();
    expect(arrived).toEqual(["a"]);
  });

  it("never sends one message twice at a time", async () => {
    const box = outbox();
    box.add(written("a"));
    await Promise.all([box.flush(), box.flush(), box.flush()]);
    await settled();
    expect(tried).toEqual(["a"]);
  });

  it("keeps the messages that another tab has written meanwhile", async () => {
    online = false;
    const one = outbox();
    const other = outbox();
    one.add(written("a"));
    other.add({ ...written("b"), createdAt: "2026-11-22T08:15:01.000Z" });
    await settled();
    expect(outbox().entries.map((entry) => entry.clientMessageId)).toEqual(["a", "b"]);
    one.changedElsewhere();
    expect(one.entries.map((entry) => entry.clientMessageId)).toEqual(["a", "b"]);
  });

  it("lets a message go that another tab has sent, and never brings it back", async () => {
    refuse.add("a");
    const one = outbox();
    const other = outbox();
    one.add(written("a"));
    await settled();
    other.changedElsewhere();
    refuse.clear();
    other.retry("a");
    await settled();
    // Here the other tab's word has not come yet.
    one.retry("a");
    await settled();
    expect(arrived).toEqual(["a"]);
    expect(settledElsewhere).toEqual(["a"]);
    expect([one.entries, other.entries, [...store.content]]).toEqual([[], [], []]);
  });

  it("starts empty when what was kept cannot be read", () => {
    store.set("outbox/a", "{");
    store.set("outbox/b", "[]");
    expect(outbox().entries).toEqual([]);
  });
});
