import type { Message } from "../api/types";

export const WINDOW_LIMIT = 500;

export type Appended = "added" | "known" | "gap" | "detached";

/**
 * The part of a room's messages that is in memory: a run of consecutive sequence numbers, at most WINDOW_LIMIT of
 * them. Scrolling back drops the newest ones (the window is then detached from the end), scrolling forward the oldest.
 */
export class MessageWindow {
  #items: readonly Message[] = [];
  #lastKnown = 0;
  #detached = false;

  constructor(readonly limit = WINDOW_LIMIT) {}

  get items(): readonly Message[] {
    return this.#items;
  }

  get first(): number {
    return this.#items[0]?.sequence ?? 0;
  }

  get last(): number {
    return this.#items.at(-1)?.sequence ?? 0;
  }

  /** The highest sequence number that is known to exist. */
  get lastKnown(): number {
    return this.#lastKnown;
  }

  get hasOlder(): boolean {
    return this.first > 1;
  }

  /** Whether newer messages exist that were let go on purpose. */
  get detached(): boolean {
    return this.#detached;
  }

  /** Starts anew with these messages, in ascending order; `lastKnown` tells how far the room goes. */
  reset(items: readonly Message[], lastKnown = 0): void {
    this.#items = items.slice(-this.limit);
    this.#lastKnown = Math.max(lastKnown, this.last);
    this.#detached = this.last < this.#lastKnown;
  }

  /** Takes one message as it comes in; "gap" means that something was missed and has to be fetched first. */
  append(message: Message): Appended {
    this.#lastKnown = Math.max(this.#lastKnown, message.sequence);
    if (this.#items.length > 0 && message.sequence <= this.last) {
      this.#replace(message);
      return "known";
    }
    if (this.#detached) return "detached";
    if (message.sequence !== this.last + 1) return "gap";
    this.#items = [...this.#items, message].slice(-this.limit);
    return "added";
  }

  /** Takes a page that follows the window; what is known already is passed over. */
  appendPage(page: readonly Message[], hasMore: boolean): void {
    for (const message of page) {
      this.#lastKnown = Math.max(this.#lastKnown, message.sequence);
      if (message.sequence === this.last + 1) this.#items = [...this.#items, message];
      else if (message.sequence <= this.last) this.#replace(message);
    }
    this.#items = this.#items.slice(-this.limit);
    this.#detached = hasMore || this.last < this.#lastKnown;
  }

  /** Takes a page that precedes the window. */
  prependPage(page: readonly Message[]): void {
    const first = this.first;
    const older = page.filter((message) => message.sequence < first);
    const joined = [...older, ...this.#items];
    if (joined.length > this.limit) this.#detached = true;
    this.#items = joined.slice(0, this.limit);
  }

  /** Takes another state of a message, if it is in memory and not newer there. */
  change(message: Message): void {
    const present = this.#items[message.sequence - this.first];
    if (present && present.revision <= message.revision) this.#replace({ ...message, isRead: message.isRead || present.isRead });
  }

  /** The other side has read up to here. */
  markRead(sequence: number, isMine: (message: Message) => boolean): void {
    if (!this.#items.some((message) => !message.isRead && message.sequence <= sequence && isMine(message))) return;
    this.#items = this.#items.map((message) =>
      message.sequence <= sequence && isMine(message) && !message.isRead ? { ...message, isRead: true } : message,
    );
  }

  #replace(message: Message): void {
    const index = message.sequence - this.first;
    if (index < 0 || index >= this.#items.length) return;
    this.#items = this.#items.with(index, message);
  }
}
