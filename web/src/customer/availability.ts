import type { Therapist } from "../api/types";

export interface Availability {
  /** Whether an immediate booking would be taken now. */
  isAvailable: boolean;
  /** Since when it would, within the day; null if that is not known. */
  freeFrom: string | null;
}

/** Whether somebody can come now: the server's word, or else what the therapist says of themselves. */
export function availabilityOf(therapist: Therapist & { availableNow?: boolean; freeFrom?: string | null }): Availability {
  const isAvailable = therapist.availableNow ?? therapist.status === "online";
  return { isAvailable, freeFrom: isAvailable ? null : (therapist.freeFrom ?? null) };
}
