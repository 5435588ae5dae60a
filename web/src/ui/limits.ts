/** How long a reason or a note may be. */
export const LONGEST_REASON = 500;
