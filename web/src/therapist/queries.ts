import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer } from "../api/client";
import type { BookingStatus, ProfileChange } from "../api/types";
import { useProblemToast } from "../app/AppContext";
import { useConnection, useLive } from "../app/LiveContext";
import { serverNow } from "../app/serverClock";

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

/** Requests that can still be answered, the most urgent first. */
export function useWaiting() {
  const { api, identity } = useLive();
  const connection = useConnection();
  return useQuery({
    queryKey: ["bookings", identity.userId, "waiting"],
    queryFn: () => answer(api.GET("/bookings", { params: { query: { status: "pending" } } })),
    refetchInterval: connection === "open" ? 30_000 : 5_000,
    select: (page) =>
      page.items
        .filter((booking) => booking.status === "pending" && Date.parse(booking.responseDeadline) > serverNow())
        .sort((one, other) => one.responseDeadline.localeCompare(other.responseDeadline)),
  });
}

export function useBookings(status?: BookingStatus) {
  const { api, identity } = useLive();
  return useInfiniteQuery({
    queryKey: ["bookings", identity.userId, "list", status ?? "all"],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/bookings", {
          params: { query: { ...(status ? { status } : {}), ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });
}
