import { beforeEach, describe, expect, it, vi } from "vitest";
import { Identities, userNamesMeant, type Guest, type Member } from "./identity";

/** The store that all tabs of one browser share; every change is told to the other tabs. */
class SharedStore {
  readonly content = new Map<string, string>();
  get length() {
    return this.content.size;
  }
  key(index: number) {
    return [...this.content.keys()][index] ?? null;
  }
  getItem(key: string) {
    return this.content.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.content.set(key, value);
    this.#tell(key);
  }
  removeItem(key: string) {
    this.content.delete(key);
    this.#tell(key);
  }
  #tell(key: string) {
    window.dispatchEvent(Object.assign(new Event("storage"), { key }));
  }
}

const CONFIGURATION = { restUrl: "https://api", webSocketUrl: "wss://api", signInUrl: "https://pool", userPoolClientId: "client", region: "r", operator: { name: "", address: "", registration: "", contact: "" } };
const token = (claims: Record<string, unknown>) => `head.${btoa(JSON.stringify(claims))}.signature`;
const LONG_AGO = Math.floor(Date.now() / 1000) - 3_000;

const ayu = (over: Partial<Member> = {}): Member => ({
  kind: "member",
  userId: "t-ayu",
  role: "therapist",
  token: token({ sub: "old", iat: LONG_AGO }),
  refreshToken: "refresh",
  expiresAt: new Date(Date.now() + 600_000).toISOString(),
  ...over,
});
const GUEST: Guest = { kind: "guest", userId: "g-1", role: "customer", token: "guest", expiresAt: new Date(Date.now() + 9e8).toISOString() };

let store: SharedStore;
let opened: number;
let answerOfThePool: () => Promise<Response>;
let asked: { AuthFlow: string; AuthParameters: Record<string, string> }[];

function tab(): Identities {
  const identities = new Identities(
    CONFIGURATION,
    async () => {
      opened += 1;
      const { userId, expiresAt } = GUEST;
      return { userId: `${userId}-${opened}`, token: `guest-${opened}`, expiresAt };
    },
    () => "en",
  );
  identities.follow();
  return identities;
}

const renewedTo = (claims: Record<string, unknown>) => () =>
  Promise.resolve(
    Response.json({
      AuthenticationResult: {
        IdToken: token({ "cognito:username": "t-ayu", "cognito:groups": ["therapist"], ...claims }),
        ExpiresIn: 3600,
      },
    }),
  );

beforeEach(() => {
  store = new SharedStore();
  opened = 0;
  asked = [];
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("localStorage", store);
  vi.stubGlobal("fetch", (_: string, options: { body: string }) => {
    asked.push(JSON.parse(options.body) as (typeof asked)[number]);
    return answerOfThePool();
  });
  answerOfThePool = renewedTo({ sub: "new", iat: Math.floor(Date.now() / 1000) });
});

describe("who uses this browser", () => {
  it("is the same in all its tabs, at once", () => {
    store.setItem("teduh.member", JSON.stringify(ayu()));
    const one = tab();
    const other = tab();
    const heard = vi.fn();
    other.onChange(heard);
    one.signOut();
    expect(other.member).toBeNull();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("stays signed out when another tab was just renewing the token", async () => {
    const member = ayu({ expiresAt: new Date().toISOString() });
    store.setItem("teduh.member", JSON.stringify(member));
    const one = tab();
    const other = tab();
    let goOn: () => void = () => undefined;
    const pause = new Promise<void>((resolve) => (goOn = resolve));
    answerOfThePool = () => pause.then(renewedTo({ iat: 1 }));
    const renewing = one.tokenOf(member);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    other.signOut();
    goOn();
    expect(await renewing).toBeNull();
    expect(one.member).toBeNull();
    expect(store.getItem("teduh.member")).toBeNull();
  });

  it("is one guest even if two tabs need one at the same time", async () => {
    const [one, other] = [tab(), tab()];
    await one.ensureCustomer();
    await other.ensureCustomer();
    expect(opened).toBe(1);
    expect(other.customer?.userId).toBe(one.customer?.userId);
  });
});

describe("a session that the server knows no more", () => {
  it("of a guest makes room for a new one, and says so", async () => {
    store.setItem("teduh.guest", JSON.stringify(GUEST));
    const identities = tab();
    await identities.refused(GUEST, GUEST.token);
    expect(identities.customer).toBeNull();
    expect(identities.farewell).toEqual({ kind: "guest", why: "refused" });
    expect((await identities.ensureCustomer()).token).toBe("guest-1");
    expect(identities.farewell).toBeNull();
  });

  it("is told as expired when its thirty days are over, which the server judges and not this device's clock", async () => {
    const expired = { ...GUEST, expiresAt: new Date(Date.now() - 60_000).toISOString() };
    store.setItem("teduh.guest", JSON.stringify(expired));
    const identities = tab();
    expect(identities.customer).toEqual(expired);
    await identities.refused(expired, expired.token);
    expect(identities.farewell).toEqual({ kind: "guest", why: "expired" });
  });

  it("of a member is renewed once, and is over if the new token is refused, too", async () => {
    const member = ayu();
    store.setItem("teduh.member", JSON.stringify(member));
    const identities = tab();
    const better = await identities.refused(member, member.token);
    expect(better).not.toBe(member.token);
    expect(identities.member?.token).toBe(better);
    expect(await identities.refused(member, better ?? "")).toBeNull();
    expect(identities.member).toBeNull();
    expect(identities.farewell).toEqual({ kind: "member", why: "refused" });
    expect(asked).toHaveLength(1);
  });

  it("survives a pool that does not answer", async () => {
    const member = ayu({ expiresAt: new Date().toISOString() });
    store.setItem("teduh.member", JSON.stringify(member));
    const identities = tab();
    answerOfThePool = () => Promise.reject(new TypeError("no network"));
    expect(await identities.tokenOf(member)).toBeNull();
    expect(identities.member?.userId).toBe("t-ayu");
    expect(identities.farewell).toBeNull();
  });
});

describe("a user name", () => {
  it("is understood however a keyboard writes it", () => {
    for (const written of ["t-ayu", "T-Ayu", " t-ayu ", "t-ayu\u00a0", "T-AYU\u200b", "t- ayu", "ｔ-ayu"]) {
      expect(userNamesMeant(written)[0]).toBe("t-ayu");
    }
  });

  it("with capitals of its own signs in, too", async () => {
    answerOfThePool = () =>
      asked.at(-1)?.AuthParameters["USERNAME"] === "64aB"
        ? renewedTo({})()
        : Promise.resolve(Response.json({ __type: "NotAuthorizedException" }, { status: 400 }));
    expect((await tab().signIn("64aB ", "right")).role).toBe("therapist");
    await expect(tab().signIn("64ab", "wrong")).rejects.toMatchObject({ code: "wrong_password" });
    expect(asked.map(({ AuthParameters }) => AuthParameters["USERNAME"])).toEqual(["64ab", "64aB", "64ab"]);
  });
});
