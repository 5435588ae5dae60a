import { useQuery } from "@tanstack/react-query";
import { allItems, answer, type Api } from "../api/client";
import type { AdminTherapist, Presence } from "../api/types";
import { useLive } from "../app/LiveContext";
import { useRefetchInterval } from "./refreshing";

const everybody = (api: Api) =>
  allItems((cursor) => answer(api.GET("/admin/therapists", { params: { query: cursor ? { cursor } : {} } })));

/** Everybody with what awaits them, as it is now. */
export function useAdminTherapists() {
  const { api } = useLive();
  const refetchInterval = useRefetchInterval("without events");
  return useQuery({ queryKey: ["admin", "therapists"], queryFn: () => everybody(api), refetchInterval });
}

const RANK: Record<Presence, number> = { online: 0, busy: 1, offline: 2 };

const byPresenceAndName = (one: AdminTherapist, other: AdminTherapist) =>
  RANK[one.status] - RANK[other.status] || one.name.localeCompare(other.name);

/** Everybody to choose from, whoever is online first; not asked for anew with every event. */
export function useTherapistChoice(staleTime: number) {
  const { api } = useLive();
  return useQuery({
    queryKey: ["therapist choice"],
    queryFn: () => everybody(api),
    staleTime,
    select: ({ items }) => items.toSorted(byPresenceAndName),
  });
}
