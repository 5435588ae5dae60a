import type { Language } from "../api/types";

/** Why a therapist says no, as both sides read it; what is stored is the words of the one who said it. */
export const DECLINE_REASONS = {
  booked: { en: "Already booked then", id: "Sudah ada pesanan lain" },
  far: { en: "Too far away", id: "Terlalu jauh" },
  soon: { en: "Too short notice", id: "Waktunya terlalu mendadak" },
  unwell: { en: "Not able to work today", id: "Tidak bisa bekerja hari ini" },
} as const satisfies Record<string, Record<Language, string>>;

export type DeclineReason = keyof typeof DECLINE_REASONS;

/** A reason in the reader's language, where it is one of ours; else as it was written. */
export function reasonIn(language: Language, reason: string): string {
  const known = Object.values(DECLINE_REASONS).find((words) => Object.values(words).some((word) => word === reason));
  return known ? known[language] : reason;
}
