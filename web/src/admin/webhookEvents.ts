/** What other systems can be told of. */
export const WEBHOOK_EVENTS = [
  ...["created", "confirmed", "declined", "expired", "cancelled", "completed", "reassigned", "redispatched", "en_route"].map((name) => `booking.${name}`),
  ...["arrived", "started", "no_show", "rescheduled", "proposed", "proposal_accepted", "proposal_declined"].map((name) => `booking.${name}`),
  ...["proposal_withdrawn", "proposal_expired", "erased"].map((name) => `booking.${name}`),
  ...["pending", "proof_submitted", "paid", "overdue", "waived", "reversed"].map((name) => `commission.${name}`),
  "review.shown",
];
