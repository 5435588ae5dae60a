import type { GivenLocation, NewMessage } from "../api/types";

/** A message on its way; it keeps its clientMessageId through every repeat, so it can only ever arrive once. */
export interface Outgoing {
  clientMessageId: string;
  conversationId: string;
  message: string;
  messageType: NonNullable<NewMessage["messageType"]>;
  attachmentId?: string;
  location?: GivenLocation;
  /** The sequence of the message that it answers. */
  replyTo?: number;
  createdAt: string;
  /** Why the server refused it; such a message waits for its writer to try again or to drop it. */
  refusal?: string;
}

export interface Acknowledgement {
  sequence: number;
  timestamp: string;
  /** Contact details were taken out of the text. */
  masked?: true;
}

/** How one attempt to send ended. */
export type Attempt =
  | { kind: "acknowledged"; acknowledgement: Acknowledgement }
  | { kind: "refused"; code: string }
  /** Nobody answered, or the server is busy: the same message may be sent again. */
  | { kind: "unanswered" };

/** Where entries are kept: all tabs of a browser share it. */
export interface KeyValueStore {
  get(key: string): string | null;
  /** Null forgets the key. */
  set(key: string, value: string | null): void;
  keys(beginning: string): string[];
}

/** What an outbox does with its messages. */
export interface Deliveries {
  attempt(entry: Outgoing): Promise<Attempt>;
  /** A message of this tab became durable. */
  acknowledged(entry: Outgoing, acknowledgement: Acknowledgement): void;
  /** Another tab sent it or dropped it. */
  settledElsewhere(entry: Outgoing): void;
}

/**
 * Messages that the server has not acknowledged yet, in the order of writing; they survive a reload. Each has a key
 * of its own in the store, so that several tabs of one user add to it and take from it without undoing each other.
 */
export class Outbox {
  #entries: readonly Outgoing[];
  #flushing = false;
  #again = false;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly store: KeyValueStore,
    /** What every key of this outbox begins with. */
    readonly beginning: string,
    private readonly deliveries: Deliveries,
  ) {
    this.#entries = this.#read();
  }

  get entries(): readonly Outgoing[] {
    return this.#entries;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(entry: Outgoing): void {
    // Two messages of one millisecond keep their order, too.
    const last = this.#entries.at(-1);
    const earliest = last ? Date.parse(last.createdAt) + 1 : 0;
    const createdAt = new Date(Math.max(Date.parse(entry.createdAt), earliest)).toISOString();
    this.#keep({ ...entry, createdAt });
    void this.flush();
  }

  drop(clientMessageId: string): void {
    this.store.set(this.#key(clientMessageId), null);
    this.#show(this.#entries.filter((entry) => entry.clientMessageId !== clientMessageId));
  }

  /** Gives a refused message another try. */
  retry(clientMessageId: string): void {
    this.#change(clientMessageId, ({ refusal: _, ...again }) => again);
    void this.flush();
  }

  /** To be called when another tab has changed the store. */
  changedElsewhere(): void {
    const former = this.#entries;
    const present = this.#read();
    const left = new Set(present.map((entry) => entry.clientMessageId));
    for (const entry of former) if (!left.has(entry.clientMessageId)) this.deliveries.settledElsewhere(entry);
    this.#show(present);
  }

  /** Sends what waits, one after another; stops at the first that finds nobody, so that the order is kept. */
  async flush(): Promise<void> {
    if (this.#flushing) {
      this.#again = true;
      return;
    }
    this.#flushing = true;
    try {
      do {
        this.#again = false;
        await this.#sendAll();
      } while (this.#again);
    } finally {
      this.#flushing = false;
    }
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const entry = this.#entries.find((candidate) => candidate.refusal === undefined);
      if (!entry) return;
      const result = await this.deliveries.attempt(entry);
      if (result.kind === "unanswered") return;
      if (result.kind === "refused") {
        this.#change(entry.clientMessageId, (present) => ({ ...present, refusal: result.code }));
      } else {
        // First into the room, then out of here: it is never invisible in between.
        this.deliveries.acknowledged(entry, result.acknowledgement);
        this.drop(entry.clientMessageId);
      }
    }
  }

  /** Changes an entry that is still there; one that another tab has sent or dropped does not come back. */
  #change(clientMessageId: string, change: (entry: Outgoing) => Outgoing): void {
    const present = this.#entries.find((entry) => entry.clientMessageId === clientMessageId);
    if (!present) return;
    if (this.store.get(this.#key(clientMessageId)) === null) this.changedElsewhere();
    else this.#keep(change(present));
  }

  #keep(entry: Outgoing): void {
    this.store.set(this.#key(entry.clientMessageId), JSON.stringify(entry));
    const others = this.#entries.filter(({ clientMessageId }) => clientMessageId !== entry.clientMessageId);
    this.#show([...others, entry].sort(inOrderOfWriting));
  }

  #show(entries: readonly Outgoing[]): void {
    this.#entries = entries;
    for (const listener of [...this.#listeners]) listener();
  }

  #read(): readonly Outgoing[] {
    return this.store
      .keys(this.beginning)
      .flatMap((key) => parsed(this.store.get(key)))
      .sort(inOrderOfWriting);
  }

  #key(clientMessageId: string): string {
    return `${this.beginning}${clientMessageId}`;
  }
}

const inOrderOfWriting = (one: Outgoing, other: Outgoing) =>
  one.createdAt.localeCompare(other.createdAt) || one.clientMessageId.localeCompare(other.clientMessageId);

function parsed(text: string | null): Outgoing[] {
  try {
    const entry = JSON.parse(text ?? "null") as Partial<Outgoing> | null;
    return entry && entry.clientMessageId && entry.createdAt ? [entry as Outgoing] : [];
  } catch {
    return [];
  }
}
