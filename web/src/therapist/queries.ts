import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { allItems, answer, type Api } from "../api/client";
import type { Booking, BookingStatus, ProfileChange } from "../api/types";
import { useProblemToast } from "../app/AppContext";
import { useConnection, useLive } from "../app/LiveContext";
import { serverNow } from "../app/serverClock";
import { useGrowingList } from "../data/useGrowingList";
import { useIsOver } from "../ui/bits";

export function useProfile() {
  const { api, identity } = useLive();
  return useQuery({ queryKey: ["me", identity.userId], queryFn: () => answer(api.GET("/me")) });
}

/** Changes the profile; a problem is said in a toast, unless the caller reacts to it. */
export function useChangeProfile(react?: (failure: Error) => void) {
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const sayProblem = useProblemToast();
  return useMutation({
    mutationFn: (change: ProfileChange) => answer(api.PATCH("/me", { body: change })),
    onSuccess: (profile) => queries.setQueryData(["me", identity.userId], profile),
    onError: react ?? sayProblem,
  });
}

/** Requests that can still be answered, the most urgent first; each leaves with its deadline. */
export function useWaiting() {
  const { api, identity } = useLive();
  const connection = useConnection();
  const waiting = useQuery({
    queryKey: ["bookings", identity.userId, "waiting"],
    queryFn: () => allItems((cursor) => pageOfBookings(api, "pending", cursor)),
    refetchInterval: connection === "open" ? 30_000 : 5_000,
  });
  const items = waiting.data?.items.filter(
    (booking) => booking.status === "pending" && Date.parse(booking.responseDeadline) > serverNow(),
  );
  items?.sort((one, other) => one.responseDeadline.localeCompare(other.responseDeadline));
  useIsOver(items?.[0]?.responseDeadline ?? null);
  return { ...waiting, data: items } as UseQueryResult<Booking[]>;
}

/** Visits that are agreed. */
export function useConfirmed() {
  const { api, identity } = useLive();
  return useQuery({
    queryKey: ["bookings", identity.userId, "confirmed"],
    queryFn: () => allItems((cursor) => pageOfBookings(api, "confirmed", cursor)),
  });
}

/** Requests that wait for nobody any more, the newest first. */
export function useAnswered() {
  const { api, identity } = useLive();
  return useGrowingList<Booking>({
    queryKey: ["bookings", identity.userId, "answered"],
    idOf: ({ bookingId }) => bookingId,
    orderOf: ({ createdAt }) => createdAt,
    isShown: ({ status }) => status !== "pending",
    page: (cursor) => pageOfBookings(api, null, cursor),
  });
}

function pageOfBookings(api: Api, status: BookingStatus | null, cursor: string | null) {
  const query = { ...(status ? { status } : {}), ...(cursor ? { cursor } : {}) };
  return answer(api.GET("/bookings", { params: { query } }));
}
