/** What the law and people's questions ask for: each page as a title and its sections. */
import type { Configuration } from "../app/configuration";

export const LEGAL_PAGES = ["terms", "privacy", "help", "imprint"] as const;
export type LegalPage = (typeof LEGAL_PAGES)[number];

export interface Section {
  heading: string;
  paragraphs: readonly string[];
}

export type Pages = Record<LegalPage, (operator: Configuration["operator"]) => readonly Section[]>;

/** Who operates this, in one line, as far as it is known. */
export const who = ({ name, address }: Configuration["operator"]): string => [name, address].filter(Boolean).join(", ");

/** A line for each of the things that are known. */
export const known = (lines: readonly (readonly [string, string])[]): string[] =>
  lines.filter(([, value]) => value !== "").map(([label, value]) => `${label}: ${value}`);
