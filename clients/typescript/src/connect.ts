import { answer, type Api } from "../../../web/src/api/client";
import { ApiProblem } from "../../../web/src/api/problem";
import type { Message, NewMessage, Role, ServerEvent } from "../../../web/src/api/types";
import { ChatSession, ConnectionLost, FrameRefused, type Socket } from "../../../web/src/realtime/ChatSession";
import { Outbox, type Acknowledgement, type Attempt, type KeyValueStore, type Outgoing } from "../../../web/src/realtime/Outbox";
import { RoomFeed } from "../../../web/src/realtime/RoomFeed";

const PAGE = 50;
const AGAIN_AFTER = 3_000;
/** Refusals that say "not now", not "never". */
const PASSING = new Set(["internal_error", "service_unavailable", "too_many_requests", "unauthenticated"]);

export interface ConnectOptions {
  /** The stack's output WebSocketUrl. */
  webSocketUrl: string;
  /** Who is connected: the customerId, or the id of the therapist or admin. */
  userId: string;
  role: Role;
  /** A ticket that is at hand already, from `POST /bookings`. */
  ticket?: string;
  /** Where messages wait that are not acknowledged yet; memory unless given. */
  store?: KeyValueStore;
  /** How a connection is opened; the platform's WebSocket unless given. */
  createSocket?: (url: string) => Socket;
}

/** One user's live connection: events, rooms without gaps, and messages that are sent until they are acknowledged. */
export interface Chat {
  readonly session: ChatSession;
  readonly outbox: Outbox;
  /** The messages of a room, kept up to date for as long as the chat lasts. */
  room(conversationId: string): RoomFeed;
  /** Sends a message; resolves once it is durable, rejects with FrameRefused or ApiProblem if it is refused. */
  send(conversationId: string, message: string): Promise<Acknowledgement>;
  markRead(conversationId: string, sequence: number): Promise<void>;
  onEvent(listener: (event: ServerEvent) => void): () => void;
  stop(): void;
}

/** Connects and stays connected until stopped. */
export function connect(api: Api, options: ConnectOptions): Chat {
  const { webSocketUrl, userId, role } = options;
  const feeds = new Map<string, RoomFeed>();
  const waiting = new Map<string, { resolve(ack: Acknowledgement): void; reject(problem: Error): void }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const openSocket = options.createSocket ?? ((url: string) => new WebSocket(url) as unknown as Socket);
  const session = new ChatSession({
    openTicket: async () => (await answer(api.POST("/chat-tickets"))).ticket,
    createSocket: (ticket) =>
      openSocket(`${webSocketUrl}${webSocketUrl.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}`),
    schedule: (callback, milliseconds) => {
      const scheduled = setTimeout(callback, milliseconds);
      return () => clearTimeout(scheduled);
    },
    random: Math.random,
  });
  const outbox = new Outbox(options.store ?? inMemory(), `outbox/${encodeURIComponent(userId)}/`, {
    attempt,
    acknowledged: (entry, acknowledgement) => {
      feeds.get(entry.conversationId)?.acknowledged(entry, acknowledgement);
      waiting.get(entry.clientMessageId)?.resolve(acknowledgement);
      waiting.delete(entry.clientMessageId);
    },
    settledElsewhere: (entry) => void feeds.get(entry.conversationId)?.catchUp().catch(() => undefined),
  });

  async function attempt(entry: Outgoing): Promise<Attempt> {
    const { conversationId, clientMessageId, message, messageType } = entry;
    const body: NewMessage = { clientMessageId, message, messageType };
    try {
      return { kind: "acknowledged", acknowledgement: await deliver(conversationId, body) };
    } catch (failure) {
      const never =
        (failure instanceof FrameRefused && !PASSING.has(failure.code)) ||
        (failure instanceof ApiProblem && !failure.isPassing && failure.status !== 401);
      if (!never) {
        clearTimeout(timer);
        timer = setTimeout(() => void outbox.flush(), AGAIN_AFTER);
        return { kind: "unanswered" };
      }
      waiting.get(clientMessageId)?.reject(failure);
      waiting.delete(clientMessageId);
      return { kind: "refused", code: failure.code };
    }
  }

  async function deliver(conversationId: string, body: NewMessage): Promise<Acknowledgement> {
    if (session.state === "open") {
      try {
        const ack = await session.request({ action: "sendMessage", conversationId, ...body });
        if (ack.type === "ack" && "timestamp" in ack) return ack;
      } catch (failure) {
        if (!(failure instanceof ConnectionLost)) throw failure;
      }
    }
    return answer(api.POST("/rooms/{conversationId}/messages", { params: { path: { conversationId } }, body }));
  }

  function page(conversationId: string, query: { before?: number; after?: number }): Promise<{ items: Message[]; hasMore: boolean }> {
    return answer(
      api.GET("/rooms/{conversationId}/messages", { params: { path: { conversationId }, query: { limit: PAGE, ...query } } }),
    );
  }

  function room(conversationId: string): RoomFeed {
    let feed = feeds.get(conversationId);
    if (!feed) {
      feed = new RoomFeed(
        conversationId,
        {
          newest: () => page(conversationId, {}),
          before: (sequence) => page(conversationId, { before: sequence }),
          after: (sequence) => page(conversationId, { after: sequence }),
        },
        () => ({ userId, role, name: "" }),
      );
      feeds.set(conversationId, feed);
      void feed.open().catch(() => undefined);
    }
    return feed;
  }

  const stops = [
    session.onEvent((event) => {
      for (const feed of feeds.values()) feed.take(event);
    }),
    session.onState((state) => {
      if (state !== "open") return;
      for (const feed of feeds.values()) void feed.open().catch(() => undefined);
      void outbox.flush();
    }),
  ];
  session.start(options.ticket);

  return {
    session,
    outbox,
    room,
    send(conversationId, message) {
      const clientMessageId = crypto.randomUUID();
      const durable = new Promise<Acknowledgement>((resolve, reject) => waiting.set(clientMessageId, { resolve, reject }));
      outbox.add({ conversationId, clientMessageId, message, messageType: "text", createdAt: new Date().toISOString() });
      return durable;
    },
    async markRead(conversationId, sequence) {
      await answer(api.POST("/rooms/{conversationId}/read", { params: { path: { conversationId } }, body: { sequence } }));
    },
    onEvent: (listener) => session.onEvent(listener),
    stop() {
      for (const stop of stops) stop();
      clearTimeout(timer);
      session.stop();
    },
  };
}

function inMemory(): KeyValueStore {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void (value === null ? kept.delete(key) : kept.set(key, value)),
    keys: (beginning) => [...kept.keys()].filter((key) => key.startsWith(beginning)),
  };
}
