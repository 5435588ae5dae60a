import { answer, type Api } from "../api/client";
import { ApiProblem } from "../api/problem";
import type { NewMessage, ServerEvent } from "../api/types";
import type { Identity } from "../app/identity";
import { keep, kept, keptKeys, onKeptElsewhere } from "../app/kept";
import { ChatSession, ConnectionLost, FrameRefused, type Socket } from "./ChatSession";
import { Outbox, type Acknowledgement, type Attempt, type Outgoing } from "./Outbox";
import { RoomFeed, type Known, type Page } from "./RoomFeed";

const PAGE = 50;
/** Refusals that say "not now", not "never". */
const PASSING = new Set(["internal_error", "service_unavailable", "too_many_requests", "unauthenticated"]);

export interface Draft {
  message: string;
  messageType: Outgoing["messageType"];
  attachmentId?: string;
  location?: NonNullable<NewMessage["location"]>;
  replyTo?: number;
}

/** Everything live for one user: the connection, the outbox and the rooms on the screen. */
export class Realtime {
  readonly session: ChatSession;
  readonly outbox: Outbox;
  readonly #feeds = new Map<string, RoomFeed>();
  readonly #shown = new Map<string, number>();
  readonly #stops: (() => void)[] = [];

  constructor(
    private readonly api: Api,
    readonly identity: Identity,
    webSocketUrl: string,
  ) {
    this.session = new ChatSession({
      openTicket: async () => (await answer(api.POST("/chat-tickets"))).ticket,
      createSocket: (ticket) => {
        const separator = webSocketUrl.includes("?") ? "&" : "?";
        return new WebSocket(`${webSocketUrl}${separator}ticket=${encodeURIComponent(ticket)}`) as unknown as Socket;
      },
      schedule: (callback, milliseconds) => {
        const timer = window.setTimeout(callback, milliseconds);
        return () => window.clearTimeout(timer);
      },
      random: Math.random,
    });
    this.outbox = new Outbox({ get: kept, set: keep, keys: keptKeys }, `teduh.outbox/${encodeURIComponent(identity.userId)}/`, {
      attempt: (entry) => this.#attempt(entry),
      acknowledged: (entry, acknowledgement) => this.#feeds.get(entry.conversationId)?.acknowledged(entry, acknowledgement),
      // The server tells of a message only those who did not write it, so this tab asks.
      settledElsewhere: (entry) => void this.#feeds.get(entry.conversationId)?.catchUp().catch(() => undefined),
    });
  }

  /** Connects and stays connected until stopped; a second start changes nothing. */
  start(ticket?: string): void {
    if (this.#stops.length === 0) this.#listen();
    this.session.start(ticket);
  }

  #listen(): void {
    this.#stops.push(
      this.session.onEvent((event) => this.#take(event)),
      this.session.onState((state) => {
        if (state === "open") void this.#reopened();
      }),
    );
    const wake = () => {
      if (document.visibilityState === "visible") void this.session.wake();
      void this.outbox.flush();
    };
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    this.#stops.push(
      onKeptElsewhere(this.outbox.beginning, () => this.outbox.changedElsewhere()),
      () => window.removeEventListener("online", wake),
      () => document.removeEventListener("visibilitychange", wake),
    );
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.session.stop();
  }

  feed(conversationId: string): RoomFeed {
    let feed = this.#feeds.get(conversationId);
    if (!feed) {
      feed = new RoomFeed(
        conversationId,
        {
          newest: () => this.#page(conversationId, {}),
          before: (sequence) => this.#page(conversationId, { before: sequence }),
          after: (sequence, known) => this.#after(conversationId, sequence, known),
        },
        () => ({ userId: this.identity.userId, role: this.identity.role, name: "" }),
      );
      this.#feeds.set(conversationId, feed);
    }
    return feed;
  }

  /** Says that a room is on the screen until the returned function is called. */
  show(conversationId: string): () => void {
    this.#shown.set(conversationId, (this.#shown.get(conversationId) ?? 0) + 1);
    this.session.tell({ action: "openRoom", conversationId });
    return () => {
      const left = (this.#shown.get(conversationId) ?? 1) - 1;
      if (left > 0) this.#shown.set(conversationId, left);
      else {
        this.#shown.delete(conversationId);
        this.session.tell({ action: "closeRoom", conversationId });
      }
    };
  }

  send(conversationId: string, draft: Draft): void {
    this.outbox.add({
      ...draft,
      conversationId,
      clientMessageId: crypto.randomUUID(),
      createdAt: new Date().toISOString(),
    });
  }

  async markRead(conversationId: string, sequence: number): Promise<void> {
    if (this.session.state === "open") {
      await this.session.request({ action: "markRead", conversationId, sequence });
    } else {
      await answer(
        this.api.POST("/rooms/{conversationId}/read", { params: { path: { conversationId } }, body: { sequence } }),
      );
    }
  }

  async #reopened(): Promise<void> {
    for (const conversationId of this.#shown.keys()) {
      this.session.tell({ action: "openRoom", conversationId });
      void this.feed(conversationId).open().catch(() => undefined);
    }
    await this.outbox.flush();
  }

  #take(event: ServerEvent): void {
    for (const feed of this.#feeds.values()) feed.take(event);
  }

  async #attempt(entry: Outgoing): Promise<Attempt> {
    const { conversationId, clientMessageId, message, messageType, attachmentId, location, replyTo } = entry;
    const body = {
      clientMessageId,
      message,
      messageType,
      ...(attachmentId ? { attachmentId } : {}),
      ...(location ? { location } : {}),
      ...(replyTo ? { replyTo } : {}),
    };
    try {
      const acknowledgement = await this.#deliver(conversationId, body);
      return { kind: "acknowledged", acknowledgement };
    } catch (failure) {
      if (failure instanceof FrameRefused && !PASSING.has(failure.code)) return { kind: "refused", code: failure.code };
      if (failure instanceof ApiProblem && !failure.isPassing && failure.status !== 401) {
        return { kind: "refused", code: failure.code };
      }
      window.setTimeout(() => void this.outbox.flush(), 3_000);
      return { kind: "unanswered" };
    }
  }

  async #deliver(conversationId: string, body: NewMessage): Promise<Acknowledgement> {
    if (this.session.state === "open") {
      try {
        const ack = await this.session.request({ action: "sendMessage", conversationId, ...body });
        if (ack.type === "ack" && "timestamp" in ack) return ack;
      } catch (failure) {
        if (!(failure instanceof ConnectionLost)) throw failure;
      }
    }
    // The other door; the clientMessageId makes sure that it is one message even if both attempts arrived.
    return answer(
      this.api.POST("/rooms/{conversationId}/messages", { params: { path: { conversationId } }, body }),
    );
  }

  /** Gives one of the user's messages another text. */
  async edit(conversationId: string, sequence: number, message: string): Promise<void> {
    const params = { path: { conversationId, sequence: String(sequence) } };
    const changed = await answer(this.api.PATCH("/rooms/{conversationId}/messages/{sequence}", { params, body: { message } }));
    // The server tells only others of it.
    this.feed(conversationId).take({ type: "edited", message: changed.message });
  }

  /** Takes one of the user's messages back. */
  async remove(conversationId: string, sequence: number): Promise<void> {
    const params = { path: { conversationId, sequence: String(sequence) } };
    const changed = await answer(this.api.DELETE("/rooms/{conversationId}/messages/{sequence}", { params }));
    this.feed(conversationId).take({ type: "deleted", message: changed.message });
  }

  async #page(conversationId: string, query: { before?: number; after?: number } & Partial<Known>): Promise<Page> {
    const { revision, ...others } = query;
    const changedAfter = revision === undefined ? {} : { changedAfter: revision };
    return answer(
      this.api.GET("/rooms/{conversationId}/messages", {
        params: { path: { conversationId }, query: { limit: PAGE, ...others, ...changedAfter } },
      }),
    );
  }

  async #after(conversationId: string, sequence: number, known: Partial<Known>): Promise<Page> {
    if (this.session.state === "open") {
      try {
        const page = await this.session.request({ action: "sync", conversationId, after: sequence, ...known });
        if (page.type === "page") return page;
      } catch (failure) {
        if (!(failure instanceof ConnectionLost)) throw failure;
      }
    }
    return this.#page(conversationId, { after: sequence, ...known });
  }
}
