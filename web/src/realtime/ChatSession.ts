import type { ClientFrame, ServerAnswer, ServerEvent } from "../api/types";

/** The part of a WebSocket that a session needs. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** What a session takes from its surroundings, so that tests can be without network and clock. */
export interface Surroundings {
  /** A ticket that opens one connection, once. */
  openTicket(): Promise<string>;
  createSocket(ticket: string): Socket;
  /** Calls back after so many milliseconds, unless cancelled by what it returns. */
  schedule(callback: () => void, milliseconds: number): () => void;
  random(): number;
}

export type ConnectionState = "stopped" | "connecting" | "open" | "waiting";
type WithoutRequestId<Frame> = Frame extends unknown ? Omit<Frame, "requestId"> : never;
export type Request = WithoutRequestId<ClientFrame>;

/** The frame may or may not have had its effect: nobody answered. */
export class ConnectionLost extends Error {
  constructor() {
    super("the connection was lost before the answer came");
    this.name = "ConnectionLost";
  }
}

/** The server said no. */
export class FrameRefused extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
    this.name = "FrameRefused";
  }
}

const PING_EVERY = 4 * 60_000;
const ANSWER_WITHIN = 20_000;
const PONG_WITHIN = 8_000;
const OPEN_WITHIN = 20_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 20_000;

interface Pending {
  socket: Socket;
  resolve(answer: ServerAnswer): void;
  reject(problem: Error): void;
  cancel(): void;
}

/**
 * One user's live connection: it opens with a ticket, comes back by itself after a loss, moves to a new connection
 * when the server asks for it, and pairs answers with requests. What was missed meanwhile is the listeners' business:
 * they hear of every new opening.
 */
export class ChatSession {
  #state: ConnectionState = "stopped";
  #socket: Socket | null = null;
  #attempt = 0;
  #lastRequest = 0;
  #firstTicket: string | null = null;
  #cancelTimer: () => void = () => undefined;
  #cancelPing: () => void = () => undefined;
  /** Rises with every connecting, so that a late ticket of an earlier one does nothing. */
  #generation = 0;
  readonly #pending = new Map<string, Pending>();
  readonly #eventListeners = new Set<(event: ServerEvent) => void>();
  readonly #stateListeners = new Set<(state: ConnectionState) => void>();

  constructor(private readonly surroundings: Surroundings) {}

  get state(): ConnectionState {
    return this.#state;
  }

  /** Starts, or does nothing if it has started; a ticket at hand saves asking for one. */
  start(ticket?: string): void {
    if (this.#state !== "stopped") return;
    this.#firstTicket = ticket ?? null;
    this.#attempt = 0;
    void this.#connect();
  }

  stop(): void {
    this.#generation += 1;
    this.#cancelTimer();
    this.#cancelPing();
    const socket = this.#socket;
    this.#socket = null;
    this.#become("stopped");
    if (socket) this.#retire(socket);
  }

  onEvent(listener: (event: ServerEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /**
   * Sends a frame and waits for its answer.
   * Rejects with FrameRefused if the server refuses it, with ConnectionLost if no answer comes.
   */
  request(frame: Request, within = ANSWER_WITHIN): Promise<ServerAnswer> {
    const socket = this.#socket;
    if (this.#state !== "open" || !socket) return Promise.reject(new ConnectionLost());
    this.#lastRequest += 1;
    const requestId = `r${this.#lastRequest}`;
    return new Promise((resolve, reject) => {
      const cancel = this.surroundings.schedule(() => {
        this.#pending.delete(requestId);
        reject(new ConnectionLost());
      }, within);
      this.#pending.set(requestId, { socket, resolve, reject, cancel });
      socket.send(JSON.stringify({ ...frame, requestId }));
    });
  }

  /** Sends a frame whose answer nobody needs. */
  tell(frame: Request): void {
    this.request(frame).catch(() => undefined);
  }

  /** To be called when the device wakes up or the network returns: checks the connection, or tries again now. */
  async wake(): Promise<void> {
    if (this.#state === "waiting") {
      this.#cancelTimer();
      this.#attempt = 0;
      await this.#connect();
    } else if (this.#state === "open") {
      await this.#ping();
    }
  }

  async #connect(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const moving = this.#state === "open";
    if (!moving) this.#become("connecting");
    let ticket: string;
    try {
      ticket = this.#firstTicket ?? (await this.surroundings.openTicket());
    } catch {
      if (generation === this.#generation) this.#tryLater();
      return;
    } finally {
      this.#firstTicket = null;
    }
    if (generation !== this.#generation) return;
    const socket = this.surroundings.createSocket(ticket);
    const cancelOpening = this.surroundings.schedule(() => socket.close(), OPEN_WITHIN);
    socket.onopen = () => {
      cancelOpening();
      if (generation !== this.#generation) socket.close();
      else this.#opened(socket);
    };
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = () => {
      cancelOpening();
      this.#closed(socket, generation);
    };
  }

  #opened(socket: Socket): void {
    const former = this.#socket;
    this.#socket = socket;
    this.#attempt = 0;
    this.#cancelPing();
    this.#schedulePing();
    this.#become("open");
    if (former) this.#retire(former);
  }

  #closed(socket: Socket, generation: number): void {
    this.#abandon(socket);
    if (socket === this.#socket) {
      this.#socket = null;
      this.#cancelPing();
      // A connection that was being opened in its stead will report for itself.
      if (generation === this.#generation) this.#tryLater();
      else if (this.#state === "open") this.#become("connecting");
    } else if (generation === this.#generation && this.#state !== "stopped") {
      this.#tryLater();
    }
  }

  /** Full jitter over half of an exponentially growing delay, so that clients do not return all at once. */
  #tryLater(): void {
    const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempt);
    this.#attempt += 1;
    if (!this.#socket) this.#become("waiting");
    this.#cancelTimer();
    this.#cancelTimer = this.surroundings.schedule(
      () => void this.#connect(),
      ceiling / 2 + (ceiling / 2) * this.surroundings.random(),
    );
  }

  #received(socket: Socket, data: unknown): void {
    if (typeof data !== "string") return;
    let frame: ServerAnswer | ServerEvent;
    try {
      frame = JSON.parse(data) as ServerAnswer | ServerEvent;
    } catch {
      return;
    }
    const requestId = "requestId" in frame ? frame.requestId : undefined;
    if (requestId) {
      this.#answered(requestId, frame as ServerAnswer);
    } else if (frame.type === "reconnect") {
      // The old connection stays in use until the new one stands: nothing is lost in between.
      if (socket === this.#socket) void this.#connect();
    } else if (isEvent(frame)) {
      for (const listener of [...this.#eventListeners]) listener(frame);
    }
  }

  #answered(requestId: string, answer: ServerAnswer): void {
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    this.#pending.delete(requestId);
    pending.cancel();
    if (answer.type === "error") pending.reject(new FrameRefused(answer.code, answer.detail));
    else pending.resolve(answer);
  }

  #schedulePing(): void {
    this.#cancelPing = this.surroundings.schedule(() => {
      this.#schedulePing();
      void this.#ping();
    }, PING_EVERY);
  }

  async #ping(): Promise<void> {
    const socket = this.#socket;
    try {
      await this.request({ action: "ping" }, PONG_WITHIN);
    } catch (problem) {
      if (problem instanceof ConnectionLost && socket && socket === this.#socket) this.#lose(socket);
    }
  }

  /** Gives a connection up that does not answer, without waiting for the network to notice. */
  #lose(socket: Socket): void {
    const generation = this.#generation;
    this.#retire(socket);
    this.#closed(socket, generation);
  }

  #retire(socket: Socket): void {
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    this.#abandon(socket);
  }

  #abandon(socket: Socket): void {
    for (const [requestId, pending] of [...this.#pending]) {
      if (pending.socket !== socket) continue;
      this.#pending.delete(requestId);
      pending.cancel();
      pending.reject(new ConnectionLost());
    }
  }

  #become(state: ConnectionState): void {
    // An opening is always told, even if the state was open before: something may have been missed.
    if (state === this.#state && state !== "open") return;
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}

function isEvent(frame: ServerAnswer | ServerEvent): frame is ServerEvent {
  return ["message", "edited", "deleted", "read", "typing", "booking", "notification", "reconnect"].includes(frame.type);
}
