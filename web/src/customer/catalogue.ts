import { useQuery } from "@tanstack/react-query";
import { allItems, answer } from "../api/client";
import { DURATIONS, type Duration, type ListedTherapist, type MenuItem, type OpeningHours, type Therapist } from "../api/types";
import { useApp } from "../app/AppContext";
import { serverNow } from "../app/serverClock";
import { useGrowingList } from "../data/useGrowingList";

export interface CatalogueFilter {
  type: "" | "therapist" | "place";
  online: boolean;
  /** Words of name, biography or services. */
  q: string;
  /** A place to come to: the nearest stand first. */
  near: { latitude: number; longitude: number } | null;
}

/** The catalogue as this filter has it on the server, and of that what else is wanted. */
export function useTherapists(filter: CatalogueFilter, isShown: (therapist: ListedTherapist) => boolean) {
  const { publicApi } = useApp();
  return useGrowingList<ListedTherapist>({
    queryKey: ["catalogue", "therapists", filter],
    refetchInterval: 30_000,
    idOf: ({ therapistId }) => therapistId,
    orderOf: () => null,
    isShown,
    page: (cursor) =>
      answer(
        publicApi.GET("/therapists", {
          params: {
            query: {
              ...(cursor ? { cursor } : {}),
              ...(filter.type ? { type: filter.type } : {}),
              ...(filter.online ? { online: true } : {}),
              ...(filter.q ? { q: filter.q } : {}),
              ...(filter.near ? { near: `${filter.near.latitude},${filter.near.longitude}`, sort: "distance" as const } : {}),
            },
          },
        }),
      ),
  });
}

export function useTherapist(therapistId: string | null) {
  const { publicApi } = useApp();
  return useQuery({
    queryKey: ["catalogue", "therapist", therapistId],
    enabled: therapistId !== null,
    queryFn: () => answer(publicApi.GET("/therapists/{therapistId}", { params: { path: { therapistId: therapistId ?? "" } } })),
  });
}

export function useHotels(isWanted: boolean) {
  const { publicApi } = useApp();
  return useQuery({
    queryKey: ["catalogue", "hotels"],
    enabled: isWanted,
    staleTime: 5 * 60_000,
    queryFn: () => allItems((cursor) => answer(publicApi.GET("/hotels", { params: { query: cursor ? { cursor } : {} } }))),
  });
}

/** The free times of a week from today on, day by day. */
export function useWeek(therapist: Therapist, duration: Duration) {
  const { publicApi } = useApp();
  const from = localDate(therapist.timeZone);
  return useQuery({
    queryKey: ["catalogue", "slots", therapist.therapistId, from, "week", duration],
    queryFn: () =>
      answer(
        publicApi.GET("/therapists/{therapistId}/slots", {
          params: { path: { therapistId: therapist.therapistId }, query: { from, days: 7, duration } },
        }),
      ),
  });
}

export function useSlots(therapistId: string, date: string, duration: Duration, isWanted: boolean) {
  const { publicApi } = useApp();
  return useQuery({
    queryKey: ["catalogue", "slots", therapistId, date, duration],
    enabled: isWanted,
    staleTime: 0,
    queryFn: () =>
      answer(
        publicApi.GET("/therapists/{therapistId}/slots", {
          params: { path: { therapistId }, query: { date, duration } },
        }),
      ),
  });
}

export interface PricedDuration {
  duration: Duration;
  price: number;
}

export function pricesOf(item: MenuItem): PricedDuration[] {
  return DURATIONS.flatMap((duration) => {
    const price = item.prices[String(duration)];
    return price === undefined ? [] : [{ duration, price }];
  });
}

export function lowestPrice(therapist: Therapist): number {
  return Math.min(...therapist.menu.flatMap((item) => pricesOf(item).map(({ price }) => price)));
}

/** Whether somebody comes to a place, as far as is known: who states no area is asked by booking. */
export function comesTo({ serviceArea, distanceKm }: ListedTherapist): boolean {
  return serviceArea === null || distanceKm === null || distanceKm <= serviceArea.radiusKm;
}

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

/** The local date of an instant in a zone. */
export const dateIn = (instant: string, timeZone: string): string => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(instant));

/** The local date in a zone, as 2026-11-22, so many days after today. */
export function localDate(timeZone: string, daysAhead = 0): string {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(serverNow()));
  const day = new Date(`${today}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + daysAhead);
  return day.toISOString().slice(0, 10);
}

export function weekdayOf(date: string): keyof OpeningHours {
  return WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? "sunday";
}
