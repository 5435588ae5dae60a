/** Every line break in a row beyond so many is one too many for the server. */
const BREAKS_IN_A_ROW = 20;
// Control characters but the line break, and those that turn the direction of what follows.
const REFUSED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
// Marks, joiners and blanks that nobody sees.
const INVISIBLE = /[\s\p{Cf}\p{Cc}\u115f\u1160\u3164\uffa0\u2800]/gu;

/**
 * A text of several lines as the server takes it: what was pasted with it and cannot be meant is left out, so that
 * nothing is offered here that is refused there. Empty if nobody could see it.
 */
export function plainLines(text: string): string {
  const lines = text
    .normalize("NFC")
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .split("\n")
    .map((line) => line.replace(/\t/g, " ").replace(REFUSED, ""))
    .join("\n")
    .replace(new RegExp(`\n{${BREAKS_IN_A_ROW},}`, "g"), "\n".repeat(BREAKS_IN_A_ROW))
    .trim();
  return lines.replace(INVISIBLE, "") === "" ? "" : lines;
}

/** A text of one line as the server takes it. */
export function plainLine(text: string): string {
  return plainLines(text.replace(/[\r\n\t\u2028\u2029]+/g, " "));
}

/** How long the server finds a text: it counts characters, not the halves that JavaScript makes of some. */
export const lengthOf = (text: string): number => [...text].length;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The beginning of a text, of so many characters at most, cut between what people see as letters. */
export function beginningOf(text: string, longest: number): string {
  let beginning = "";
  let length = 0;
  for (const { segment } of graphemes.segment(text)) {
    length += lengthOf(segment);
    if (length > longest) break;
    beginning += segment;
  }
  return beginning;
}
