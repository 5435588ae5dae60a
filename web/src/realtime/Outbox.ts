import type { GivenLocation, NewMessage } from "../api/types";

/** A message on its way; it keeps its clientMessageId through every repeat, so it can only ever arrive once. */
export interface Outgoing {
  clientMessageId: string;
  conversationId: string;
  message: string;
  messageType: NonNullable<NewMessage["messageType"]>;
  attachmentId?: string;
  location?: GivenLocation;
  createdAt: string;
  /** Why the server refused it; such a message waits for its writer to try again or to drop it. */
  refusal?: string;
}

export interface Acknowledgement {
  sequence: number;
  timestamp: string;
}

/** How one attempt to send ended. */
export type Attempt =
  | { kind: "acknowledged"; acknowledgement: Acknowledgement }
  | { kind: "refused"; code: string }
  /** Nobody answered, or the server is busy: the same message may be sent again. */
  | { kind: "unanswered" };

export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Messages that the server has not acknowledged yet, in the order of writing; they survive a reload. */
export class Outbox {
  #entries: readonly Outgoing[];
  #flushing = false;
  #again = false;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly store: KeyValueStore,
    private readonly key: string,
    private readonly attempt: (entry: Outgoing) => Promise<Attempt>,
    private readonly acknowledged: (entry: Outgoing, acknowledgement: Acknowledgement) => void,
  ) {
    this.#entries = read(store, key);
  }

  get entries(): readonly Outgoing[] {
    return this.#entries;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(entry: Outgoing): void {
    this.#keep([...this.#entries, entry]);
    void this.flush();
  }

  drop(clientMessageId: string): void {
    this.#keep(this.#entries.filter((entry) => entry.clientMessageId !== clientMessageId));
  }

  /** Gives a refused message another try. */
  retry(clientMessageId: string): void {
    this.#keep(
      this.#entries.map((entry) => {
        if (entry.clientMessageId !== clientMessageId) return entry;
        const { refusal: _, ...again } = entry;
        return again;
      }),
    );
    void this.flush();
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
      const result = await this.attempt(entry);
      if (result.kind === "unanswered") return;
      if (result.kind === "refused") {
        this.#keep(
          this.#entries.map((other) =>
            other.clientMessageId === entry.clientMessageId ? { ...other, refusal: result.code } : other,
          ),
        );
      } else {
        // First into the room, then out of here: it is never invisible in between.
        this.acknowledged(entry, result.acknowledgement);
        this.drop(entry.clientMessageId);
      }
    }
  }

  #keep(entries: readonly Outgoing[]): void {
    this.#entries = entries;
    try {
      this.store.setItem(this.key, JSON.stringify(entries));
    } catch {
      // A full or forbidden store costs only the survival of a reload.
    }
    for (const listener of [...this.#listeners]) listener();
  }
}

function read(store: KeyValueStore, key: string): readonly Outgoing[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(key) ?? "[]");
    return Array.isArray(kept) ? (kept as Outgoing[]) : [];
  } catch {
    return [];
  }
}
