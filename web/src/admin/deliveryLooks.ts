import type { Delivery } from "../api/types";

/** How a badge of a delivery looks. */
export const DELIVERY_LOOKS: Readonly<Record<Delivery["status"], string>> = {
  queued: "badge-pending",
  sent: "badge-confirmed",
  failed: "badge-declined",
  skipped: "badge-cancelled",
};
