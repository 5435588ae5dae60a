import createClient, { type Middleware } from "openapi-fetch";
import { observeServerTime } from "../app/serverClock";
import type { paths } from "./generated/rest";
import { ApiProblem, problemFrom } from "./problem";

export type Api = ReturnType<typeof createApi>;

/** Who asks: a token before every request, null for nobody in particular. */
export interface Asker {
  token(): Promise<string | null>;
  /** The server refuses this token; the answer is a better one, or null. */
  refused(token: string): Promise<string | null>;
}

const NOBODY: Asker = { token: async () => null, refused: async () => null };

/** Asking for these is refused only to somebody whose session is over; a step may also want a fresh sign-in. */
const tellsOfTheSession = (request: Request) => request.method === "GET" || request.url.endsWith("/chat-tickets");

/** The typed REST interface. */
export function createApi(baseUrl: string, asker: Asker = NOBODY) {
  const client = createClient<paths>({ baseUrl: baseUrl.replace(/\/$/, "") });
  const askedAt = new Map<string, number>();
  const bearer: Middleware = {
    async onRequest({ request, id }) {
      const present = await asker.token();
      if (present) request.headers.set("Authorization", `Bearer ${present}`);
      askedAt.set(id, Date.now());
      return request;
    },
    async onResponse({ request, response, id }) {
      observeServerTime(response.headers.get("Date"), askedAt.get(id) ?? Date.now());
      askedAt.delete(id);
      if (response.ok) return;
      const token = request.headers.get("Authorization")?.slice("Bearer ".length);
      if (response.status === 401 && token && tellsOfTheSession(request)) {
        const better = await asker.refused(token);
        if (better !== null && request.method === "GET") return again(request, better, asker);
      }
      throw await problemFrom(response);
    },
    onError({ id }) {
      askedAt.delete(id);
    },
  };
  client.use(bearer);
  return client;
}

/** Asks once more, with another token. */
async function again(request: Request, token: string, asker: Asker): Promise<Response> {
  const repeated = new Request(request);
  repeated.headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(repeated);
  if (response.status === 401) await asker.refused(token);
  if (!response.ok) throw await problemFrom(response);
  return response;
}

/** Headers of a command that holds only for the state of a booking that its sender has seen. */
export const ifStill = ({ version }: { version: number }) => ({ "If-Match": `"${version}"` });

/** Waits for an answer and returns its body; every failure is an ApiProblem. */
export async function answer<Body>(request: Promise<{ data?: Body }>): Promise<Body> {
  let outcome: { data?: Body };
  try {
    outcome = await request;
  } catch (failure) {
    throw failure instanceof ApiProblem ? failure : new ApiProblem("network", 0);
  }
  if (outcome.data === undefined) throw new ApiProblem("internal_error", 500);
  return outcome.data;
}

/** Every item of a list that is short enough to be wanted whole, page after page. */
export async function allItems<Item>(
  page: (cursor: string | null) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Promise<{ items: Item[] }> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const next: { items: Item[]; nextCursor: string | null } = await page(cursor);
    items.push(...next.items);
    cursor = next.nextCursor;
  } while (cursor !== null);
  return { items };
}
