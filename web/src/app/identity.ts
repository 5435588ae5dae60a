import type { Language, Role } from "../api/types";
import type { Configuration } from "./configuration";
import { ApiProblem } from "../api/problem";

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

interface AuthenticationResult {
  IdToken: string;
  RefreshToken?: string;
  ExpiresIn: number;
}

async function initiate(
  configuration: Configuration,
  flow: "USER_PASSWORD_AUTH" | "REFRESH_TOKEN_AUTH",
  parameters: Record<string, string>,
): Promise<AuthenticationResult> {
  let response: Response;
  try {
    response = await fetch(`${configuration.signInUrl.replace(/\/$/, "")}/`, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
      },
      body: JSON.stringify({
        AuthFlow: flow,
        ClientId: configuration.userPoolClientId,
        AuthParameters: parameters,
      }),
    });
  } catch {
    throw new ApiProblem("network", 0);
  }
  const body = (await response.json().catch(() => ({}))) as {
    AuthenticationResult?: AuthenticationResult;
    __type?: string;
  };
  if (response.ok && body.AuthenticationResult) return body.AuthenticationResult;
  const wrong = /NotAuthorized|UserNotFound/.test(body.__type ?? "");
  throw new ApiProblem(wrong ? "wrong_password" : "sign_in_failed", response.status);
}

export async function signIn(configuration: Configuration, username: string, password: string): Promise<Member> {
  const result = await initiate(configuration, "USER_PASSWORD_AUTH", { USERNAME: username, PASSWORD: password });
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

function keep(kind: Identity["kind"], identity: Identity | null): void {
  if (identity) localStorage.setItem(KEY[kind], JSON.stringify(identity));
  else localStorage.removeItem(KEY[kind]);
}

function recall<Kind extends Identity>(kind: Kind["kind"]): Kind | null {
  try {
    return JSON.parse(localStorage.getItem(KEY[kind]) ?? "null") as Kind | null;
  } catch {
    return null;
  }
}

const expiresWithin = (identity: Identity, milliseconds: number) =>
  Date.parse(identity.expiresAt) - Date.now() < milliseconds;

/**
 * Who uses this browser: at most one member and one guest. Customers' pages act for a signed-in customer or else for
 * the guest, who comes into being with the first thing that needs one.
 */
export class Identities {
  #member = recall<Member>("member");
  #guest = recall<Guest>("guest");
  #renewing: Promise<Member> | null = null;
  #opening: Promise<Guest> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly configuration: Configuration,
    private readonly openGuestSession: (language: Language) => Promise<Omit<Guest, "kind" | "role">>,
    private readonly language: () => Language,
  ) {
    if (this.#guest && expiresWithin(this.#guest, 0)) this.#guest = null;
  }

  get member(): Member | null {
    return this.#member;
  }

  /** Who the customer's pages act for; null for somebody who only looks around. */
  get customer(): Identity | null {
    return this.#member?.role === "customer" ? this.#member : this.#guest;
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async signIn(username: string, password: string): Promise<Member> {
    const member = await signIn(this.configuration, username, password);
    this.#setMember(member);
    return member;
  }

  signOut(): void {
    this.#setMember(null);
  }

  /** The customer of this browser, made a guest if nobody is known. */
  async ensureCustomer(): Promise<Identity> {
    const present = this.customer;
    if (present && !expiresWithin(present, 0)) return present;
    this.#opening ??= this.openGuestSession(this.language())
      .then((session): Guest => ({ kind: "guest", role: "customer", ...session }))
      .finally(() => {
        this.#opening = null;
      });
    const guest = await this.#opening;
    this.#guest = guest;
    keep("guest", guest);
    this.#tell();
    return guest;
  }

  /** A token that is good for a while yet; null if the identity's time is over. */
  async tokenOf(identity: Identity): Promise<string | null> {
    if (identity.kind === "guest") return this.#guest?.userId === identity.userId ? this.#guest.token : identity.token;
    const member = this.#member;
    if (!member || member.userId !== identity.userId) return null;
    if (!expiresWithin(member, 60_000)) return member.token;
    this.#renewing ??= renew(this.configuration, member).finally(() => {
      this.#renewing = null;
    });
    try {
      const renewed = await this.#renewing;
      this.#setMember(renewed);
      return renewed.token;
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.status >= 400 && problem.status < 500) this.#setMember(null);
      return null;
    }
  }

  #setMember(member: Member | null): void {
    const same = member?.userId === this.#member?.userId && member?.role === this.#member?.role;
    this.#member = member;
    keep("member", member);
    if (!same) this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
