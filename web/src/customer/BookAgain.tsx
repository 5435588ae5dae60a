import { Suspense, useState } from "react";
import { useLocation } from "wouter";
import { availabilityOf } from "./availability";
import { useTherapist } from "./catalogue";
import type { BookingStart } from "./choices";
import { keepDraft, recallDraft } from "./draft";
import { LazyBookingSheet } from "./useBooking";

/** The same therapist once more, out of the chat. */
export function BookAgain({ therapistId, onClose }: { therapistId: string; onClose(): void }) {
  const therapist = useTherapist(therapistId);
  const [path] = useLocation();
  const [resumed] = useState(() => recallDraft(path));
  // What the click chose stays, however the therapist's state changes meanwhile.
  const [start, setStart] = useState<BookingStart | null>(null);
  if (!start && therapist.data) {
    setStart({
      therapist: therapist.data,
      bookingType: resumed?.start.bookingType ?? (availabilityOf(therapist.data).isAvailable ? "immediate" : "scheduled"),
      source: "chatWindow",
      chatWindowOpen: true,
    });
  }
  if (!start) return null;
  const close = () => {
    keepDraft(null);
    onClose();
  };
  return (
    <Suspense fallback={null}>
      <LazyBookingSheet key={start.therapist.therapistId} start={start} resumed={resumed} onClose={close} onSwitch={setStart} />
    </Suspense>
  );
}
