import { useQuery } from "@tanstack/react-query";
import { answer, type Api } from "../api/client";
import { problemOf } from "../api/problem";
import type { Duty } from "../api/types";
import { useLive } from "../app/LiveContext";
import { keep, kept } from "../app/kept";

export const DUTIES = ["owner", "operations", "finance", "support"] as const satisfies readonly Duty[];

/** What somebody may do, as far as pages differ by it. */
export type Duties = ReadonlySet<Duty>;

const KEY = "teduh.duties";

/** Whether a question is answered; only a refusal says no. */
async function isAnswered(question: Promise<unknown>): Promise<boolean> {
  try {
    await question;
    return true;
  } catch (failure) {
    if (problemOf(failure).code === "forbidden") return false;
    throw failure;
  }
}

/** The API names nobody's own duties, but answers some questions to one duty alone. */
async function duties(api: Api): Promise<Duty[]> {
  const query = { limit: 1 };
  const [owner, operations, finance, reads] = await Promise.all([
    isAnswered(answer(api.GET("/admin/policies"))),
    isAnswered(answer(api.GET("/admin/errors/rate"))),
    isAnswered(answer(api.GET("/admin/commissions", { params: { query } }))),
    isAnswered(answer(api.GET("/admin/bookings", { params: { query } }))),
  ]);
  const found: Record<Duty, boolean> = { owner, operations, finance, support: reads };
  return DUTIES.filter((duty) => found[duty]);
}

/** The duties of who is signed in, undefined as long as nobody knows them. */
export function useDuties(): Duties | undefined {
  const { api, identity } = useLive();
  const found = useQuery({
    queryKey: ["duties", identity.userId],
    queryFn: async () => {
      const known = await duties(api);
      keep(KEY, JSON.stringify({ [identity.userId]: known }));
      return known;
    },
    staleTime: 5 * 60_000,
    // What was true at the last visit stands until the answers are here.
    placeholderData: () => remembered(identity.userId),
    // Nothing else can be shown without them; but what is refused, for want of a second step perhaps, stays refused.
    retry: (_, failure) => problemOf(failure).isPassing,
    retryDelay: (count) => Math.min(600 * 2 ** count, 10_000),
  });
  return found.data ? new Set(found.data) : undefined;
}

function remembered(userId: string): Duty[] | undefined {
  try {
    return (JSON.parse(kept(KEY) ?? "{}") as Record<string, Duty[]>)[userId];
  } catch {
    return undefined;
  }
}

/** Whether somebody has one of these duties; an owner has all of them. */
export const has = (present: Duties | undefined, ...wanted: Duty[]) =>
  present !== undefined && (present.has("owner") || wanted.some((duty) => present.has(duty)));
