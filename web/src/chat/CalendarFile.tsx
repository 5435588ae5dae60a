import { CalendarPlus } from "lucide-react";
import { useMutation } from "@tanstack/react-query";
import { answer } from "../api/client";
import type { Booking } from "../api/types";
import { useProblemToast, useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { Button } from "../ui/controls";

/** Takes a visit into the reader's own calendar, as a file that every calendar opens. */
export function CalendarFile({ booking }: { booking: Booking }) {
  const { t } = useWords();
  const { api, identity } = useLive();
  const file = useMutation({
    mutationFn: () =>
      answer(api.GET("/bookings/{bookingId}/calendar.ics", { params: { path: { bookingId: booking.bookingId } }, parseAs: "text" })),
    onSuccess: (text) => save(`visit-${booking.bookingId}.ics`, String(text)),
    onError: useProblemToast(),
  });
  if (identity.role === "admin" || !["pending", "confirmed"].includes(booking.status)) return null;
  return (
    <Button icon={<CalendarPlus size={18} aria-hidden />} busy={file.isPending} onPress={() => file.mutate()}>
      {t("visit.toCalendar")}
    </Button>
  );
}

function save(name: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
