import type { Language, Role } from "../api/types";
import type { Configuration } from "./configuration";
import { ApiProblem } from "../api/problem";
import { inTurn, keep, kept, onKeptElsewhere } from "./kept";
import { serverNow } from "./serverClock";
import { initiate, respond, type AuthenticationResult, type FurtherStep } from "./userPool";

/** Somebody with an account, signed in through the user pool. */
export interface Member {
  kind: "member";
  userId: string;
  role: Exclude<Role, "system">;
  token: string;
  refreshToken: string | null;
  expiresAt: string;
}

/** A customer without an account. */
export interface Guest {
  kind: "guest";
  userId: string;
  role: "customer";
  token: string;
  expiresAt: string;
}

export type Identity = Member | Guest;

/**
 * The names that somebody can have meant, whatever a keyboard has made of them, the likeliest first: user names have
 * no spaces, and hardly ever capitals.
 */
export function userNamesMeant(written: string): string[] {
  const name = written.normalize("NFKC").replace(/[\s\p{Cf}]/gu, "");
  return [...new Set([name.toLowerCase(), name])];
}

export async function signIn(configuration: Configuration, username: string, password: string): Promise<Member> {
  const [likeliest = "", ...others] = userNamesMeant(username);
  const attempt = (name: string) => initiate(configuration, "USER_PASSWORD_AUTH", { USERNAME: name, PASSWORD: password });
  const result = await others.reduce(
    (tried, other) =>
      tried.catch((problem: unknown) => {
        if (problem instanceof ApiProblem && problem.code === "wrong_password") return attempt(other);
        throw problem;
      }),
    attempt(likeliest),
  );
  return memberFrom(result, result.RefreshToken ?? null);
}

export async function renew(configuration: Configuration, member: Member): Promise<Member> {
  if (!member.refreshToken) throw new ApiProblem("unauthenticated", 401);
  const result = await initiate(configuration, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: member.refreshToken });
  return memberFrom(result, result.RefreshToken ?? member.refreshToken);
}

function memberFrom(result: AuthenticationResult, refreshToken: string | null): Member {
  const claims = claimsOf(result.IdToken);
  const groups = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"] : [];
  const role = (["admin", "therapist", "customer"] as const).find((name) => groups.includes(name));
  if (!role) throw new ApiProblem("forbidden", 403);
  return {
    kind: "member",
    userId: String(claims["cognito:username"]),
    role,
    token: result.IdToken,
    refreshToken,
    expiresAt: new Date(Date.now() + result.ExpiresIn * 1000).toISOString(),
  };
}

/** What a token says of itself; only the server judges whether it is true. */
function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

const KEY = { member: "teduh.member", guest: "teduh.guest" } as const;
const KEYS = "teduh.";
/** A member's token is renewed so long before its end. */
const RENEW_BEFORE = 60_000;
/** A token this new that is refused is not helped by another one. */
const RENEWED_JUST_NOW_SECONDS = 30;

function remember(kind: Identity["kind"], identity: Identity | null): void {
  keep(KEY[kind], identity ? JSON.stringify(identity) : null);
}

function recall<Kind extends Identity>(kind: Kind["kind"]): Kind | null {
  try {
    const found = JSON.parse(kept(KEY[kind]) ?? "null") as Partial<Kind> | null;
    return found?.userId && found.token && found.expiresAt ? (found as Kind) : null;
  } catch {
    return null;
  }
}

const expiresWithin = (identity: Identity, milliseconds: number) =>
  Date.parse(identity.expiresAt) - Date.now() < milliseconds;

const isSame = (one: Identity | null, other: Identity | null) => one?.userId === other?.userId && one?.role === other?.role;

/** How somebody's session came to its end without their doing. */
export interface Farewell {
  kind: Identity["kind"];
  why: "expired" | "refused";
}

/**
 * Who uses this browser: at most one member and one guest, the same in all its tabs. Customers' pages act for a
 * signed-in customer or else for the guest, who comes into being with the first thing that needs one.
 */
export class Identities {
  #member = recall<Member>("member");
  #guest = recall<Guest>("guest");
  #farewell: Farewell | null = null;
  #renewing: Promise<string | null> | null = null;
  #opening: Promise<Guest> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly configuration: Configuration,
    private readonly openGuestSession: (language: Language) => Promise<Omit<Guest, "kind" | "role">>,
    private readonly language: () => Language,
  ) {}

  get member(): Member | null {
    return this.#member;
  }

  /** Who the customer's pages act for; null for somebody who only looks around. */
  get customer(): Identity | null {
    return this.#member?.role === "customer" ? this.#member : this.#guest;
  }

  /** A session that has ended and that nobody has been told of yet. */
  get farewell(): Farewell | null {
    return this.#farewell;
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Follows what other tabs do, until the returned function is called. */
  follow(): () => void {
    return onKeptElsewhere(KEYS, (key) => {
      if (key === null || key === KEY.member || key === KEY.guest) this.#reread();
    });
  }

  /** Signs in; throws a FurtherStep where the pool asks for more than a password. */
  async signIn(username: string, password: string): Promise<Member> {
    return this.#enter(await signIn(this.configuration, username, password));
  }

  /** Goes on with signing in, with what the pool asked for. */
  async goOn(step: FurtherStep, given: string): Promise<Member> {
    const result = await respond(this.configuration, step, given);
    return this.#enter(memberFrom(result, result.RefreshToken ?? null));
  }

  /** What the pool wants to see when its member changes something about their own sign-in. */
  async accessToken(): Promise<string> {
    if (!this.#member?.refreshToken) throw new ApiProblem("unauthenticated", 401);
    return (await initiate(this.configuration, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: this.#member.refreshToken })).AccessToken;
  }

  #enter(member: Member): Member {
    this.#farewell = null;
    remember("member", member);
    this.#become(member, this.#guest);
    return member;
  }

  signOut(): void {
    remember("member", null);
    this.#become(null, this.#guest);
  }

  /** Forgets a user of this browser, who signed out everywhere or is known to nobody any more. */
  forget(identity: Identity): void {
    if (identity.kind === "member") return this.signOut();
    remember("guest", null);
    this.#become(this.#member, null);
  }

  /** The farewell has been read. */
  dismissFarewell(): void {
    this.#farewell = null;
    this.#tell();
  }

  /** The customer of this browser, made a guest if nobody is known. */
  async ensureCustomer(): Promise<Identity> {
    const present = this.customer;
    if (present) return present;
    this.#opening ??= inTurn("teduh.guest", async () => {
      // Another tab may have been faster, and a browser has one guest.
      const known = recall<Guest>("guest");
      if (known) return known;
      const guest: Guest = { kind: "guest", role: "customer", ...(await this.openGuestSession(this.language())) };
      remember("guest", guest);
      return guest;
    }).finally(() => {
      this.#opening = null;
    });
    const guest = await this.#opening;
    if (this.#farewell?.kind === "guest") this.#farewell = null;
    this.#become(this.#member, guest);
    return guest;
  }

  /** Goes on as the customer whose number this browser's user has proved to own. */
  adopt(session: { customerId: string; token: string; expiresAt: string }): void {
    const guest: Guest = { kind: "guest", role: "customer", userId: session.customerId, token: session.token, expiresAt: session.expiresAt };
    remember("guest", guest);
    if (this.#farewell?.kind === "guest") this.#farewell = null;
    this.#become(this.#member, guest, true);
  }

  /** A token that is good for a while yet; null if the identity's time is over. */
  async tokenOf(identity: Identity): Promise<string | null> {
    if (identity.kind === "guest") return this.#guest?.userId === identity.userId ? this.#guest.token : identity.token;
    const member = this.#member;
    if (!member || member.userId !== identity.userId) return null;
    return expiresWithin(member, RENEW_BEFORE) ? this.#renewed(member) : member.token;
  }

  /**
   * The server does not know this token any more. A guest's session is over with that; a member's is renewed once,
   * and is over if that helps no more. Returns the renewed token.
   */
  async refused(identity: Identity, token: string): Promise<string | null> {
    if (identity.kind === "guest") {
      const isOver = Date.parse(identity.expiresAt) < serverNow();
      if (this.#guest?.token === token) this.#end("guest", isOver ? "expired" : "refused");
      return null;
    }
    if (this.#member?.token !== token) return this.tokenOf(identity);
    const issuedAt = claimsOf(token)["iat"];
    const age = typeof issuedAt === "number" ? serverNow() / 1000 - issuedAt : Infinity;
    if (age > RENEWED_JUST_NOW_SECONDS) return this.#renewed(this.#member);
    this.#end("member", "refused");
    return null;
  }

  /** Renews a member's token, one tab at a time; who has signed out meanwhile, in whatever tab, stays so. */
  #renewed(member: Member): Promise<string | null> {
    this.#renewing ??= inTurn("teduh.renewal", () => this.#renewNow(member)).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewNow(member: Member): Promise<string | null> {
    const known = recall<Member>("member");
    if (!isSame(known, member) || known?.token !== member.token) {
      this.#reread();
      return isSame(known, member) ? (known?.token ?? null) : null;
    }
    try {
      const renewed = await renew(this.configuration, member);
      if (!isSame(recall<Member>("member"), member)) {
        this.#reread();
        return null;
      }
      remember("member", renewed);
      this.#become(renewed, this.#guest);
      return renewed.token;
    } catch (problem) {
      const isFinal = problem instanceof ApiProblem && problem.status >= 400 && problem.status < 500;
      if (isFinal && isSame(recall<Member>("member"), member)) this.#end("member", "expired");
      return null;
    }
  }

  #end(kind: Identity["kind"], why: Farewell["why"]): void {
    this.#farewell = { kind, why };
    remember(kind, null);
    this.#become(kind === "member" ? null : this.#member, kind === "guest" ? null : this.#guest, true);
  }

  #reread(): void {
    this.#become(recall<Member>("member"), recall<Guest>("guest"));
  }

  #become(member: Member | null, guest: Guest | null, hasNews = false): void {
    const same = isSame(member, this.#member) && isSame(guest, this.#guest);
    this.#member = member;
    this.#guest = guest;
    if (!same || hasNews) this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
