import { DURATIONS } from "../api/types";
import { hadLayer } from "../ui/backLayers";
import type { BookingStart, Choices } from "./choices";

/** A booking that is being made, as it survives a reload: where, by which click, and what is chosen so far. */
export interface Draft {
  /** The page that it was begun on. */
  path: string;
  therapistId: string;
  start: Omit<BookingStart, "therapist">;
  choices: Choices;
  step: "choose" | "details";
}

const KEPT = "teduh.booking";

export function keepDraft(draft: Draft | null): void {
  try {
    if (draft) sessionStorage.setItem(KEPT, JSON.stringify(draft));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Without a store a reload begins anew.
  }
}

/** The draft that a reload of this page has interrupted, if it can still be read. */
export function recallDraft(path: string): Draft | null {
  if (!hadLayer()) return null;
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Draft | null;
    const isWhole =
      draft?.path === path &&
      typeof draft.therapistId === "string" &&
      ["immediate", "scheduled"].includes(draft.start.bookingType) &&
      DURATIONS.includes(draft.choices.duration);
    return isWhole ? draft : null;
  } catch {
    return null;
  }
}
