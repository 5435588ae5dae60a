import type { Message, ServerEvent } from "../api/types";
import { MessageWindow } from "./MessageWindow";
import type { Acknowledgement, Outgoing } from "./Outbox";

/** Up to where changes of messages are known, and of which history. */
export interface Known {
  revision: number;
  epoch: string;
}

export interface Page extends Partial<Known> {
  items: readonly Message[];
  hasMore: boolean;
  /** What was edited or deleted since the known revision, as it is now. */
  changes?: readonly Message[];
}

/** Where a room's messages come from. */
export interface MessageSource {
  newest(): Promise<Page>;
  before(sequence: number): Promise<Page>;
  /** Rejects with the code "history_reset" where the history that is known was taken back. */
  after(sequence: number, known: Partial<Known>): Promise<Page>;
}

export interface Writer {
  userId: string;
  role: Message["senderRole"];
  name: string;
}

export interface FeedSnapshot {
  status: "loading" | "ready" | "failed";
  failure: unknown;
  items: readonly Message[];
  hasOlder: boolean;
  detached: boolean;
  loadingOlder: boolean;
  loadingNewer: boolean;
  /** How far the other party has read, as events told. */
  otherReadSequence: number;
  /** When somebody else was last seen writing (milliseconds of this device's clock). */
  typingAt: number;
}

/** The messages of one room on the screen: what is in memory, what is missing, and how it is fetched. */
export class RoomFeed {
  readonly #window = new MessageWindow();
  #snapshot: FeedSnapshot = {
    status: "loading",
    failure: null,
    items: [],
    hasOlder: false,
    detached: false,
    loadingOlder: false,
    loadingNewer: false,
    otherReadSequence: 0,
    typingAt: 0,
  };
  #known: Partial<Known> = {};
  #catchingUp: Promise<void> | null = null;
  #loading: Promise<void> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly conversationId: string,
    private readonly source: MessageSource,
    private readonly writer: () => Writer,
  ) {}

  get snapshot(): FeedSnapshot {
    return this.#snapshot;
  }

  get last(): number {
    return this.#window.last;
  }

  /** The highest number that is known to exist. */
  get lastKnown(): number {
    return this.#window.lastKnown;
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows these messages at once, as they came with a new booking. */
  seed(items: readonly Message[]): void {
    this.#window.reset(items);
    this.#publish({ status: "ready" });
  }

  /** Fetches the newest page, unless there is something already: then only what is missing. */
  async open(): Promise<void> {
    if (this.#snapshot.status === "ready") return this.catchUp();
    this.#loading ??= this.#loadNewest().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** The message of this number, if it is in memory. */
  messageAt(sequence: number): Message | undefined {
    return this.#window.items.find((message) => message.sequence === sequence);
  }

  /** Goes back to the newest messages. */
  async toEnd(): Promise<void> {
    if (this.#window.detached) await this.#loadNewest();
  }

  async loadOlder(): Promise<void> {
    if (this.#snapshot.loadingOlder || !this.#window.hasOlder) return;
    this.#publish({ loadingOlder: true });
    try {
      const page = await this.source.before(this.#window.first);
      this.#window.prependPage(page.items);
    } finally {
      this.#publish({ loadingOlder: false });
    }
  }

  async loadNewer(): Promise<void> {
    if (this.#snapshot.loadingNewer || !this.#window.detached) return;
    this.#publish({ loadingNewer: true });
    try {
      const page = await this.source.after(this.#window.last, {});
      this.#window.appendPage(page.items, page.hasMore);
    } finally {
      this.#publish({ loadingNewer: false });
    }
  }

  /** Shows the surroundings of a message, as a search found it. */
  async showAround(sequence: number): Promise<void> {
    const inMemory = sequence >= this.#window.first && sequence <= this.#window.last;
    if (inMemory) return;
    const page = await this.source.before(sequence + 25);
    this.#window.reset(page.items, this.#window.lastKnown);
    this.#publish();
  }

  /** Fetches everything after the window; several calls at a time are one. */
  async catchUp(): Promise<void> {
    if (this.#snapshot.status !== "ready" || this.#window.detached) return;
    this.#catchingUp ??= this.#fetchMissing().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  take(event: ServerEvent): void {
    if (event.type === "message" && event.message.conversationId === this.conversationId) {
      this.#takeMessage(event.message);
      if (event.message.senderId !== this.writer().userId) this.#publish({ typingAt: 0 });
    } else if ((event.type === "edited" || event.type === "deleted") && event.message.conversationId === this.conversationId) {
      this.#takeChange(event.message);
    } else if (event.type === "translated" && event.message.conversationId === this.conversationId) {
      this.#window.change(event.message);
      this.#publish();
    } else if (event.type === "read" && event.conversationId === this.conversationId) {
      this.#takeRead(event.sequence);
    } else if (event.type === "typing" && event.conversationId === this.conversationId) {
      this.#publish({ typingAt: Date.now() });
    }
  }

  /** A message of ours became durable: the server tells only others of it, so we put it in ourselves. */
  acknowledged(entry: Outgoing, acknowledgement: Acknowledgement): void {
    if (acknowledgement.masked) {
      // Others see another text than the one that was written, and so shall its writer.
      void this.catchUp().catch(() => undefined);
      return;
    }
    const writer = this.writer();
    this.#takeMessage({
      conversationId: entry.conversationId,
      sequence: acknowledgement.sequence,
      senderId: writer.userId,
      senderName: writer.name,
      senderRole: writer.role,
      receiverId: null,
      receiverRole: null,
      message: entry.message,
      messageType: entry.messageType,
      bookingId: "",
      isRead: acknowledgement.sequence <= this.#snapshot.otherReadSequence,
      timestamp: acknowledgement.timestamp,
      metadata: {},
      clientMessageId: entry.clientMessageId,
      attachmentId: entry.attachmentId ?? null,
      location: entry.location
        ? {
            address: entry.location.address ?? null,
            latitude: entry.location.latitude ?? null,
            longitude: entry.location.longitude ?? null,
          }
        : null,
      mapLink: null,
      replyTo: entry.replyTo ?? null,
      editedAt: null,
      deleted: false,
      revision: 0,
      masked: false,
      hidden: false,
      translations: {},
    });
  }

  #takeMessage(message: Message): void {
    if (this.#snapshot.status !== "ready") return;
    const outcome = this.#window.append(message);
    this.#publish();
    if (outcome === "gap") void this.catchUp().catch(() => undefined);
  }

  #takeChange(message: Message): void {
    if (this.#snapshot.status !== "ready") return;
    const { revision = 0 } = this.#known;
    // Revisions have no gap: one that is left out was missed.
    if (message.revision > revision + 1) void this.catchUp().catch(() => undefined);
    else this.#known = { ...this.#known, revision: Math.max(revision, message.revision) };
    this.#window.change(message);
    this.#publish();
  }

  #takeRead(sequence: number): void {
    const otherReadSequence = Math.max(this.#snapshot.otherReadSequence, sequence);
    const { userId } = this.writer();
    this.#window.markRead(otherReadSequence, (message) => message.senderId === userId);
    this.#publish({ otherReadSequence });
  }

  async #loadNewest(): Promise<void> {
    try {
      const page = await this.source.newest();
      this.#window.reset(page.items);
      this.#learn(page);
      this.#publish({ status: "ready", failure: null });
    } catch (failure) {
      if (this.#snapshot.status !== "ready") this.#publish({ status: "failed", failure });
      throw failure;
    }
  }

  async #fetchMissing(): Promise<void> {
    for (;;) {
      const after = this.#window.last;
      const { revision } = this.#known;
      let page: Page;
      try {
        page = await this.source.after(after, this.#known);
      } catch (failure) {
        if ((failure as { code?: unknown }).code !== "history_reset") throw failure;
        return this.#loadNewest();
      }
      for (const message of page.changes ?? []) this.#window.change(message);
      this.#window.appendPage(page.items, page.hasMore && page.items.length === 0 && (page.changes ?? []).length === 0);
      this.#learn(page);
      this.#publish();
      if (!page.hasMore || (this.#window.last === after && this.#known.revision === revision)) return;
    }
  }

  #learn({ revision, epoch }: Page): void {
    this.#known = { ...(revision === undefined ? {} : { revision }), ...(epoch === undefined ? {} : { epoch }) };
  }

  #publish(change: Partial<FeedSnapshot> = {}): void {
    this.#snapshot = {
      ...this.#snapshot,
      ...change,
      items: this.#window.items,
      hasOlder: this.#window.hasOlder,
      detached: this.#window.detached,
    };
    for (const listener of [...this.#listeners]) listener();
  }
}
