import { answer } from "../api/client";
import type { Booking } from "../api/types";
import { useWords } from "../app/AppContext";
import { useLive } from "../app/LiveContext";
import { DownloadButton } from "../ui/DownloadButton";

/** The receipt of a visit that is over, for its parties. */
export function ReceiptButton({ booking }: { booking: Booking }) {
  const { t } = useWords();
  const { api, identity } = useLive();
  if (booking.status !== "completed" || identity.role === "admin") return null;
  const ask = () =>
    answer(
      api.GET("/bookings/{bookingId}/receipt", {
        params: { path: { bookingId: booking.bookingId } },
        headers: { Accept: "application/pdf" },
        parseAs: "blob",
      }),
    );
  return (
    <DownloadButton ask={ask} name={`receipt-${booking.bookingId}.pdf`}>
      {t("receipt.get")}
    </DownloadButton>
  );
}
