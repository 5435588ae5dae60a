import { beforeEach, describe, expect, it } from "vitest";
import { ChatSession, ConnectionLost, FrameRefused, type ConnectionState, type Socket } from "./ChatSession";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;
  constructor(readonly ticket: string) {}
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.closed = true;
    this.onclose?.();
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

interface Timer {
  at: number;
  callback: () => void;
}

let now: number;
let timers: Timer[];
let sockets: FakeSocket[];
let tickets: number;
let ticketsWork: boolean;
let states: ConnectionState[];
let session: ChatSession;

const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

async function pass(milliseconds: number) {
  const until = now + milliseconds;
  for (;;) {
    const due = timers.filter((timer) => timer.at <= until).sort((one, other) => one.at - other.at)[0];
    if (!due) break;
    timers = timers.filter((timer) => timer !== due);
    now = due.at;
    due.callback();
    await settled();
  }
  now = until;
}

function socket(index: number): FakeSocket {
  const found = sockets[index];
  if (!found) throw new Error(`there is no connection ${index}`);
  return found;
}

async function opened() {
  session.start();
  await settled();
  socket(0).onopen?.();
}

beforeEach(() => {
  now = 0;
  timers = [];
  sockets = [];
  tickets = 0;
  ticketsWork = true;
  states = [];
  session = new ChatSession({
    openTicket: async () => {
      if (!ticketsWork) throw new Error("offline");
      tickets += 1;
      return `ticket-${tickets}`;
    },
    createSocket: (ticket) => {
      const created = new FakeSocket(ticket);
      sockets.push(created);
      return created;
    },
    schedule: (callback, milliseconds) => {
      const timer = { at: now + milliseconds, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    random: () => 1,
  });
  session.onState((state) => states.push(state));
});

describe("a chat session", () => {
  it("connects with a ticket", async () => {
    await opened();
    expect(socket(0).ticket).toBe("ticket-1");
    expect(states).toEqual(["connecting", "open"]);
  });

  it("uses a ticket at hand before it asks for one", async () => {
    session.start("at-hand");
    await settled();
    expect(socket(0).ticket).toBe("at-hand");
    expect(tickets).toBe(0);
  });

  it("pairs answers with requests, in whatever order they come", async () => {
    await opened();
    const first = session.request({ action: "ping" });
    const second = session.request({ action: "ping" });
    const [one, two] = socket(0).sent;
    socket(0).say({ type: "pong", requestId: two?.["requestId"] });
    socket(0).say({ type: "pong", requestId: one?.["requestId"] });
    expect(await second).toMatchObject({ requestId: two?.["requestId"] });
    expect(await first).toMatchObject({ requestId: one?.["requestId"] });
  });

  it("turns an error frame into a refusal with its code", async () => {
    await opened();
    const request = session.request({ action: "sync", conversationId: "r", after: 0 });
    socket(0).say({ type: "error", requestId: socket(0).sent[0]?.["requestId"], code: "not_found", detail: "no" });
    await expect(request).rejects.toMatchObject(new FrameRefused("not_found", "no"));
  });

  it("rejects what was under way when the connection breaks", async () => {
    await opened();
    const request = session.request({ action: "ping" });
    socket(0).close();
    await expect(request).rejects.toBeInstanceOf(ConnectionLost);
  });

  it("comes back after a loss, waiting longer each time but never beyond twenty seconds", async () => {
    await opened();
    ticketsWork = false;
    socket(0).close();
    const delays: number[] = [];
    for (let loss = 0; loss < 8; loss += 1) {
      const timer = timers.at(-1);
      if (!timer) throw new Error("nothing is scheduled");
      delays.push(timer.at - now);
      await pass(timer.at - now);
    }
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
    ticketsWork = true;
    await pass(20_000);
    socket(1).onopen?.();
    expect(session.state).toBe("open");
  });

  it("moves to a new connection before it leaves the old one when the server asks for it", async () => {
    await opened();
    socket(0).say({ type: "reconnect" });
    await settled();
    expect(socket(0).closed).toBe(false);
    expect(session.state).toBe("open");
    socket(1).onopen?.();
    expect(socket(0).closed).toBe(true);
    expect(session.state).toBe("open");
    expect(states).toEqual(["connecting", "open", "open"]);
  });

  it("keeps trying when the move fails and the old connection ends", async () => {
    await opened();
    socket(0).say({ type: "reconnect" });
    await settled();
    socket(0).close();
    socket(1).close();
    expect(session.state).toBe("waiting");
    await pass(500);
    socket(2).onopen?.();
    expect(session.state).toBe("open");
  });

  it("pings, and gives up a connection that does not answer", async () => {
    await opened();
    await pass(4 * 60_000);
    expect(socket(0).sent.at(-1)).toMatchObject({ action: "ping" });
    await pass(8_000);
    expect(socket(0).closed).toBe(true);
    expect(session.state).toBe("waiting");
  });

  it("checks the connection when the device wakes up", async () => {
    await opened();
    const woken = session.wake();
    socket(0).say({ type: "pong", requestId: socket(0).sent[0]?.["requestId"] });
    await woken;
    expect(session.state).toBe("open");
  });

  it("tries at once when the network returns", async () => {
    await opened();
    socket(0).close();
    expect(session.state).toBe("waiting");
    await session.wake();
    expect(sockets).toHaveLength(2);
  });

  it("stays away once it is stopped", async () => {
    await opened();
    session.stop();
    await pass(60_000);
    expect(sockets).toHaveLength(1);
    expect(session.state).toBe("stopped");
  });

  it("hands events to its listeners", async () => {
    await opened();
    const events: string[] = [];
    session.onEvent((event) => events.push(event.type));
    socket(0).say({ type: "typing", conversationId: "r", userId: "u" });
    expect(events).toEqual(["typing"]);
  });
});
