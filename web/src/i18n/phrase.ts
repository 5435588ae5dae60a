/** What a phrase can use besides its values. */
export interface Formatter {
  plural(count: number, forms: Record<string, string> & { other: string }): string;
}

/** A text with values in it. */
export type Phrase<Values> = (values: Values, formatter: Formatter) => string;
