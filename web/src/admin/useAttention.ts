import { useQuery } from "@tanstack/react-query";
import { answer } from "../api/client";
import type { AdminBooking } from "../api/types";
import { useLive } from "../app/LiveContext";
import { serverNow } from "../app/serverClock";
import { has, useDuties } from "./duties";
import { useRefetchInterval } from "./refreshing";

/** What can wait for somebody of the staff, in the order in which it presses. */
export const CONCERNS = ["offers", "unanswered", "checks", "reports", "proofs", "disputes", "overdue", "papers", "deliveries"] as const;
export type Concern = (typeof CONCERNS)[number];

/** How much of each there is; what somebody's duties do not show is left out. "50+" is what a page cannot tell. */
export interface Attention {
  counts: Partial<Record<Concern, { count: number; isMore: boolean }>>;
  /** Offers that are about to run out, the next one first. */
  offers: AdminBooking[];
}

/** An offer presses when so little of its time is left. */
const PRESSES_BEFORE = 3 * 60_000;
/** A refused booking is somebody's business for a day. */
const UNANSWERED_FOR = 24 * 60 * 60_000;

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

const counted = <Item,>(page: Page<Item> | undefined, isMeant: (item: Item) => boolean = () => true) =>
  page && { count: page.items.filter(isMeant).length, isMore: page.nextCursor !== null };

/** What needs somebody now. It is asked again with every event, and from time to time for what no event tells. */
export function useAttention(): Attention {
  const { api } = useLive();
  const duties = useDuties();
  const refetchInterval = useRefetchInterval();
  const seldom = Math.max(refetchInterval, 30_000);
  const ask = <Answer,>(name: Concern | "declined" | "expired", isWanted: boolean, queryFn: () => Promise<Answer>) => ({
    // Offers follow every event; everything else can wait for its turn.
    queryKey: [name === "offers" ? "admin" : "attention", "attention", name],
    enabled: isWanted,
    refetchInterval: seldom,
    queryFn,
  });
  const runs = has(duties, "operations");
  const reads = has(duties, "operations", "support");
  const pays = has(duties, "finance");
  const bookings = (status: "pending" | "declined" | "expired") => () => answer(api.GET("/admin/bookings", { params: { query: { status } } }));

  const pending = useQuery(ask("offers", reads, bookings("pending")));
  const declined = useQuery(ask("declined", reads, bookings("declined")));
  const expired = useQuery(ask("expired", reads, bookings("expired")));
  const health = useQuery(ask("checks", runs, () => answer(api.GET("/admin/health"))));
  const reports = useQuery(ask("reports", reads, () => answer(api.GET("/admin/reports", { params: { query: { status: "open" } } }))));
  const papers = useQuery(ask("papers", runs, () => answer(api.GET("/admin/documents", { params: { query: { status: "submitted" } } }))));
  const deliveries = useQuery(ask("deliveries", reads, () => answer(api.GET("/admin/deliveries", { params: { query: { status: "failed" } } }))));
  const proofs = useQuery(ask("proofs", pays, () => answer(api.GET("/admin/commissions", { params: { query: { status: "proof_submitted" } } }))));
  const overdue = useQuery(ask("overdue", pays, () => answer(api.GET("/admin/commissions", { params: { query: { status: "overdue" } } }))));
  const open = useQuery(ask("disputes", pays, () => answer(api.GET("/admin/commissions", { params: { query: { status: "pending" } } }))));

  const now = serverNow();
  const isRecent = (booking: AdminBooking) => !booking.isTest && now - Date.parse(booking.updatedAt) < UNANSWERED_FOR;
  const offers = (pending.data?.items ?? [])
    .filter((booking) => {
      const left = Date.parse(booking.responseDeadline) - now;
      return left > 0 && left < PRESSES_BEFORE;
    })
    .sort((one, other) => one.responseDeadline.localeCompare(other.responseDeadline));
  const isDisputed = ({ disputedAt, resolvedAt }: { disputedAt: string | null; resolvedAt: string | null }) => disputedAt !== null && resolvedAt === null;
  const refused = [declined.data, expired.data].map((page) => counted(page, isRecent));
  const disputed = [open.data, overdue.data].map((page) => counted(page, isDisputed));
  const all: Record<Concern, { count: number; isMore: boolean } | undefined> = {
    offers: pending.data && { count: offers.length, isMore: false },
    unanswered: refused[0] && refused[1] && { count: refused[0].count + refused[1].count, isMore: false },
    checks: health.data && { count: health.data.checks.filter(({ status }) => status === "red").length, isMore: false },
    reports: counted(reports.data),
    proofs: counted(proofs.data, ({ isTest }) => !isTest),
    disputes: disputed[0] && disputed[1] && { count: disputed[0].count + disputed[1].count, isMore: false },
    overdue: counted(overdue.data, ({ isTest }) => !isTest),
    papers: counted(papers.data),
    deliveries: counted(deliveries.data),
  };
  return { counts: Object.fromEntries(Object.entries(all).filter(([, found]) => found !== undefined)), offers };
}
