import createClient, { type Middleware } from "openapi-fetch";
import { observeServerTime } from "../app/serverClock";
import type { paths } from "./generated/rest";
import { ApiProblem, problemFrom } from "./problem";

export type Api = ReturnType<typeof createApi>;

/** The typed REST interface; `token` is asked before every request and null means "nobody in particular". */
export function createApi(baseUrl: string, token: () => Promise<string | null>) {
  const client = createClient<paths>({ baseUrl: baseUrl.replace(/\/$/, "") });
  const bearer: Middleware = {
    async onRequest({ request }) {
      const present = await token();
      if (present) request.headers.set("Authorization", `Bearer ${present}`);
      return request;
    },
    async onResponse({ response }) {
      observeServerTime(response.headers.get("Date"));
      if (!response.ok) throw await problemFrom(response);
    },
  };
  client.use(bearer);
  return client;
}

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
