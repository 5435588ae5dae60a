import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { answer } from "../api/client";
import type { Booking } from "../api/types";
import { keep, kept, onKeptElsewhere } from "../app/kept";
import { useLive } from "../app/LiveContext";
import { Bell } from "./Bell";
import { isSilenced, keyOf, ringOf } from "./silence";

interface Ringing {
  isRinging: boolean;
  /** False while the browser keeps the bell silent. */
  isAudible: boolean;
  silence(): void;
  unlock(): void;
}

/** How often a bell that rings asks whether it was silenced on another device, in milliseconds. */
const ASK_EVERY = 3_000;

/** Rings as long as a request waits that the therapist has neither answered nor silenced, on whatever device. */
export function useRinging(waiting: readonly Booking[]): Ringing {
  const { api, identity } = useLive();
  const queries = useQueryClient();
  const bell = useMemo(() => new Bell(), []);
  const [here, setHere] = useSilencedHere(identity.userId);
  const [isAudible, setIsAudible] = useState(false);
  const notifications = useQuery({
    queryKey: ["notifications", identity.userId],
    queryFn: () => answer(api.GET("/notifications")),
    enabled: waiting.length > 0,
    refetchInterval: ASK_EVERY,
  });
  const known = notifications.data?.items ?? [];
  const isRinging = waiting.some((booking) => !isSilenced(booking, here, known));

  useEffect(() => {
    const unlock = () => void bell.unlock().then(setIsAudible);
    unlock();
    window.addEventListener("pointerdown", unlock);
    window.addEventListener("keydown", unlock);
    return () => {
      window.removeEventListener("pointerdown", unlock);
      window.removeEventListener("keydown", unlock);
      bell.stop();
    };
  }, [bell]);

  useEffect(() => {
    if (isRinging) bell.start();
    else bell.stop();
  }, [bell, isRinging]);

  /** Silent here at once; elsewhere as soon as the server knows. */
  async function silence() {
    setHere(waiting.map(keyOf));
    const { items } = await queries.fetchQuery({
      queryKey: ["notifications", identity.userId],
      queryFn: () => answer(api.GET("/notifications")),
    });
    for (const { bookingId } of waiting) {
      const ring = ringOf(bookingId, items);
      if (!ring || ring.isRead) continue;
      const path = { notificationId: ring.notificationId };
      await answer(api.POST("/notifications/{notificationId}/read", { params: { path } }));
    }
  }

  return {
    isRinging,
    isAudible,
    // Without a network the other devices ring on, and each can be silenced by itself.
    silence: () => void silence().catch(() => undefined),
    unlock: () => void bell.unlock().then(setIsAudible),
  };
}

/** So many requests are remembered as silenced; older ones are long over. */
const REMEMBERED = 50;

/** What was silenced in this browser, in whatever tab. */
function useSilencedHere(userId: string): [ReadonlySet<string>, (keys: readonly string[]) => void] {
  const key = `teduh.silenced/${encodeURIComponent(userId)}`;
  const [silenced, setSilenced] = useState(() => recall(key));
  useEffect(() => onKeptElsewhere(key, () => setSilenced(recall(key))), [key]);
  const add = (keys: readonly string[]) => {
    const all = [...recall(key), ...keys].slice(-REMEMBERED);
    keep(key, JSON.stringify(all));
    setSilenced(new Set(all));
  };
  return [silenced, add];
}

function recall(key: string): ReadonlySet<string> {
  try {
    const found: unknown = JSON.parse(kept(key) ?? "[]");
    return new Set(Array.isArray(found) ? found.map(String) : []);
  } catch {
    return new Set();
  }
}
