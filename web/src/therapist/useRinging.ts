import { useEffect, useMemo, useState } from "react";
import type { Booking } from "../api/types";
import { Bell } from "./Bell";

interface Ringing {
  isRinging: boolean;
  /** False while the browser keeps the bell silent. */
  isAudible: boolean;
  silence(): void;
  unlock(): void;
}

/** Rings as long as a request waits that the therapist has neither answered nor silenced. */
export function useRinging(waiting: readonly Booking[]): Ringing {
  const bell = useMemo(() => new Bell(), []);
  const [silenced, setSilenced] = useState<ReadonlySet<string>>(new Set());
  const [isAudible, setIsAudible] = useState(false);
  const isRinging = waiting.some((booking) => !silenced.has(keyOf(booking)));

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

  return {
    isRinging,
    isAudible,
    silence: () => setSilenced(new Set([...silenced, ...waiting.map(keyOf)])),
    unlock: () => void bell.unlock().then(setIsAudible),
  };
}

/** A reassigned request is a new one, so it rings again. */
const keyOf = (booking: Booking) => `${booking.bookingId} ${booking.responseDeadline}`;
