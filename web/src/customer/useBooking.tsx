import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { BookingSheet } from "./BookingSheet";
import { useTherapist } from "./catalogue";
import type { BookingStart } from "./choices";
import { keepDraft, recallDraft } from "./draft";

/** Opens the booking sheet of a page, and opens it again where a reload has interrupted it. */
export function useBooking(): { sheet: ReactNode; book(start: BookingStart): void } {
  const [path] = useLocation();
  const [resumed, setResumed] = useState(() => recallDraft(path));
  const [start, setStart] = useState<BookingStart | null>(null);
  const therapist = useTherapist(resumed?.therapistId ?? null);
  const shown = start ?? (resumed && therapist.data ? { ...resumed.start, therapist: therapist.data } : null);
  const close = () => {
    keepDraft(null);
    setStart(null);
    setResumed(null);
  };
  return {
    sheet: shown ? <BookingSheet start={shown} resumed={start ? null : resumed} onClose={close} /> : null,
    book: setStart,
  };
}
