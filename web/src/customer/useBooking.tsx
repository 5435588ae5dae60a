import { Suspense, useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { lazyPage } from "../app/recovery";
import { useTherapist } from "./catalogue";
import type { BookingStart } from "./choices";
import { keepDraft, recallDraft } from "./draft";

/** The sheet itself comes after the page that it opens from. */
export const LazyBookingSheet = lazyPage(async () => ({ default: (await import("./BookingSheet")).BookingSheet }));

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
    sheet: shown ? (
      <Suspense fallback={null}>
        <LazyBookingSheet key={shown.therapist.therapistId} start={shown} resumed={start ? null : resumed} onClose={close} onSwitch={setStart} />
      </Suspense>
    ) : null,
    book: setStart,
  };
}
