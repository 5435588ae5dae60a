import { BookingSheet } from "./BookingSheet";
import { useTherapist } from "./catalogue";

/** The same therapist once more, out of the chat. */
export function BookAgain({ therapistId, onClose }: { therapistId: string; onClose(): void }) {
  const therapist = useTherapist(therapistId);
  if (!therapist.data) return null;
  return (
    <BookingSheet
      start={{
        therapist: therapist.data,
        bookingType: therapist.data.status === "online" ? "immediate" : "scheduled",
        source: "chatWindow",
        chatWindowOpen: true,
      }}
      onClose={onClose}
    />
  );
}
