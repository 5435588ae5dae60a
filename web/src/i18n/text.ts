import { LocalizedStringDictionary, LocalizedStringFormatter } from "@internationalized/string";
import type { Language } from "../api/types";
import type { AdminWords } from "./en/admin";
import type { CommonWords } from "./en/common";
import type { CustomerWords } from "./en/customer";
import type { DeskWords } from "./en/desk";
import { FIRST_WORDS } from "./first";

export const LANGUAGES = ["en", "id"] as const;

/** The locale of dates and numbers: British English for the 24-hour clock. */
const LOCALES: Record<Language, string> = { en: "en-GB", id: "id-ID" };

/** How the three zones of Indonesia are called. */
const ZONE_NAMES: Record<string, string> = {
  "Asia/Jakarta": "WIB",
  "Asia/Pontianak": "WIB",
  "Asia/Makassar": "WITA",
  "Asia/Jayapura": "WIT",
};

export type Messages = CommonWords & CustomerWords & DeskWords & AdminWords;
export type Key = keyof Messages;
type ValuesOf<K extends Key> = Messages[K] extends (values: infer Values, ...rest: never[]) => string ? [Values] : [];
/** A key of a text without values. */
export type PlainKey = { [K in Key]: Messages[K] extends string ? K : never }[Key];

export interface Words {
  language: Language;
  locale: string;
  t<K extends Key>(key: K, ...values: ValuesOf<K>): string;
  has(key: string): key is PlainKey;
  money(rupiah: number): string;
  percent(share: number): string;
  /** A date and time of day in a zone, which is named. */
  dateTime(instant: string, timeZone?: string): string;
  date(instant: string, timeZone?: string): string;
  time(instant: string, timeZone?: string): string;
  weekday(instant: string, timeZone?: string): string;
  zoneName(timeZone: string): string;
  languageName(code: string): string;
}

/** The words of one area, which nobody in another one needs. */
export type AreaOfWords = "customer" | "desk" | "admin";
type Part = "common" | AreaOfWords;

/** People read one language at a time, and are in one area at a time, so each part is a file of its own. */
const FILES: Record<Language, Record<Part, () => Promise<Partial<Messages>>>> = {
  en: {
    common: async () => (await import("./en/common")).common,
    customer: async () => (await import("./en/customer")).customer,
    desk: async () => (await import("./en/desk")).desk,
    admin: async () => (await import("./en/admin")).admin,
  },
  id: {
    common: async () => (await import("./id/common")).common,
    customer: async () => (await import("./id/customer")).customer,
    desk: async () => (await import("./id/desk")).desk,
    admin: async () => (await import("./id/admin")).admin,
  },
};

/** What has come of each language; words that come later join those that are there. */
const loaded = new Map<Language, Partial<Messages>>();
const present = new Set<string>();
/** The areas that somebody has been to: another language brings their words along. */
const wanted = new Set<Part>(["common"]);

/** Fetches the words of a language, for every area that was asked for up to now. */
export async function loadWords(language: Language, area?: AreaOfWords): Promise<void> {
  if (area) wanted.add(area);
  const missing = [...wanted].filter((part) => !present.has(`${language} ${part}`));
  const parts = await Promise.all(missing.map((part) => FILES[language][part]()));
  const words = loaded.get(language) ?? {};
  Object.assign(words, ...parts);
  for (const part of missing) present.add(`${language} ${part}`);
  loaded.set(language, words);
}

/** The words of a language; a few of them only, as long as it is not loaded. */
export function wordsIn(language: Language): Words {
  const locale = LOCALES[language];
  const messages: Record<string, unknown> = loaded.get(language) ?? FIRST_WORDS[language];
  const dictionary = new LocalizedStringDictionary<Key, never>({ [language]: messages } as never, language);
  const formatter = new LocalizedStringFormatter<Key, never>(language, dictionary);
  const money = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: "IDR",
    currencyDisplay: "narrowSymbol",
    maximumFractionDigits: 0,
  });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const written = (instant: string, timeZone: string | undefined, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, ...(timeZone ? { timeZone } : {}) }).format(new Date(instant));
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  // Indonesian writes 09.00; with a colon is how people know it here from apps and timetables. One spelling, so that
  // what is shown is part of what is read out.
  const withColon = (text: string) => text.replace(/(\d\d)\.(\d\d)$/, "$1:$2");
  const zoneName = (timeZone: string) => ZONE_NAMES[timeZone] ?? timeZone;
  const words: Words = {
    language,
    locale,
    t: (key, ...values) => formatter.format(key, values[0] as never),
    has: (key): key is PlainKey => typeof messages[key] === "string",
    money: (rupiah) => money.format(rupiah),
    percent: (share) => percent.format(share),
    dateTime: (instant, timeZone) =>
      `${withColon(written(instant, timeZone, { weekday: "short", day: "numeric", month: "short", ...clock }))}${timeZone ? ` ${zoneName(timeZone)}` : ""}`,
    date: (instant, timeZone) => written(instant, timeZone, { day: "numeric", month: "short", year: "numeric" }),
    time: (instant, timeZone) => withColon(written(instant, timeZone, clock)),
    weekday: (instant, timeZone) => written(instant, timeZone, { weekday: "long", day: "numeric", month: "long" }),
    zoneName,
    languageName: (code) => new Intl.DisplayNames(locale, { type: "language" }).of(code) ?? code,
  };
  return words;
}

export function preferredLanguage(): Language {
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("id")) ? "id" : "en";
}
