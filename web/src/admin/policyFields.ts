import type { Policy } from "../api/types";
import type { Words } from "../i18n/text";

/** How a rule is written: what it counts, or between what it chooses. */
type Kind =
  | { kind: "count"; unit: "seconds" | "minutes" | "days" | "times"; least: number; most: number; isOptional?: boolean }
  | { kind: "share" }
  | { kind: "switch" }
  | { kind: "choice"; options: readonly string[] };

export const RULES = {
  responseWindowSeconds: { kind: "count", unit: "seconds", least: 1, most: 86_400 },
  commissionRateBps: { kind: "share" },
  commissionDueDays: { kind: "count", unit: "days", least: 0, most: 365 },
  noShowFeeBps: { kind: "share" },
  noShowAfterMinutes: { kind: "count", unit: "minutes", least: 0, most: 1_440 },
  autoCompleteAfterMinutes: { kind: "count", unit: "minutes", least: 0, most: 10_080 },
  startCode: { kind: "switch" },
  redispatch: { kind: "choice", options: ["none", "ask", "auto"] },
  redispatchMaxOffers: { kind: "count", unit: "times", least: 1, most: 20 },
  redispatchMaxMinutes: { kind: "count", unit: "minutes", least: 1, most: 1_440 },
  contactGuard: { kind: "choice", options: ["off", "mask"] },
  verification: { kind: "choice", options: ["off", "required"] },
  pauseOffersWhenOverdueDays: { kind: "count", unit: "days", least: 0, most: 365, isOptional: true },
  missedOffersUntilOffline: { kind: "count", unit: "times", least: 1, most: 100, isOptional: true },
} as const satisfies Record<string, Kind>;

export type RuleName = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as RuleName[];
export const DOCUMENT_KINDS = ["stpt", "identity", "certificate"] as const;

/** A policy's rules without what says of the version. */
export type Rules = Pick<Policy, RuleName | "cancellation" | "requiredDocuments" | "commissionAccount">;

/** A share that people write in percent, in basis points; null if it is none between 0 and 100. */
export function basisPoints(percent: string): number | null {
  const text = percent.trim().replace(",", ".");
  if (!/^\d{1,3}(\.\d{1,2})?$/.test(text)) return null;
  const share = Math.round(Number(text) * 100);
  return share <= 10_000 ? share : null;
}

export const percentOf = (share: number) => String(share / 100);

/** A whole number between two others; null if it is none. */
export function wholeNumber(text: string, least: number, most: number): number | null {
  if (!/^\d{1,9}$/.test(text.trim())) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}

/** What cancelling costs, as people write it. */
export interface CancellationDraft {
  grace: string;
  tiers: { hours: string; fee: string }[];
}

export const cancellationDraft = ({ graceMinutes, tiers }: Rules["cancellation"]): CancellationDraft => ({
  grace: String(graceMinutes),
  tiers: tiers.map(({ hoursBefore, feeBps }) => ({ hours: String(hoursBefore), fee: percentOf(feeBps) })),
});

/** What a draft of cancelling says; the names of the parts that cannot be meant are added to the wrong ones. */
export function readCancellation(draft: CancellationDraft, wrong: Set<string>): Rules["cancellation"] {
  const or = (name: string, value: number | null): number => {
    if (value === null) wrong.add(name);
    return value ?? 0;
  };
  const tiers = draft.tiers.map(({ hours, fee }, index) => ({
    hoursBefore: or(`tier.${index}`, wholeNumber(hours, 0, 720)),
    feeBps: or(`tier.${index}`, basisPoints(fee)),
  }));
  // From far before the visit to its beginning.
  const isOrdered = tiers.every((tier, index) => index === 0 || tier.hoursBefore < (tiers[index - 1]?.hoursBefore ?? 0));
  if (!isOrdered || tiers.at(-1)?.hoursBefore !== 0) wrong.add("tiers");
  return { graceMinutes: or("grace", wholeNumber(draft.grace, 0, 10_080)), tiers };
}

const ofBps = (words: Words, share: number) => words.percent(share / 10_000);

function said(words: Words, name: RuleName, rules: Rules): string {
  const { t } = words;
  const rule: Kind = RULES[name];
  const value = rules[name];
  if (value === null) return t("policy.never");
  switch (rule.kind) {
    case "count":
      return t(`policy.unit.${rule.unit}`, { count: Number(value) });
    case "share":
      return ofBps(words, Number(value));
    case "switch":
      return value ? t("policy.yes") : t("policy.no");
    case "choice": {
      const key = `policy.${name}.${String(value)}`;
      return words.has(key) ? t(key) : String(value);
    }
  }
}

/** What a rule says, in words. */
export function inWords(words: Words, name: keyof Rules, rules: Rules): string {
  const { t } = words;
  if (name === "cancellation") {
    const { graceMinutes, tiers } = rules.cancellation;
    const steps = tiers.map(({ hoursBefore, feeBps }) => t("policy.tier", { hours: hoursBefore, fee: ofBps(words, feeBps) }));
    return [t("policy.grace", { minutes: graceMinutes }), ...steps].join("; ");
  }
  if (name === "requiredDocuments") {
    const kinds = DOCUMENT_KINDS.filter((kind) => rules.requiredDocuments.includes(kind));
    return kinds.length === 0 ? t("common.none") : kinds.map((kind) => t(`document.${kind}`)).join(", ");
  }
  if (name === "commissionAccount") {
    const account = rules.commissionAccount;
    return account ? `${account.bankName}, ${account.accountNumber}, ${account.accountHolder}` : t("common.none");
  }
  return said(words, name, rules);
}

const ALL = [...RULE_NAMES, "cancellation", "requiredDocuments", "commissionAccount"] as const;

/** Which rules differ between two policies. */
export function differences(before: Rules, after: Rules): (typeof ALL)[number][] {
  return ALL.filter((name) => JSON.stringify(normal(before[name])) !== JSON.stringify(normal(after[name])));
}

/** Two spellings of one value are one value. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? [...value].sort() : value.map(normal);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => one.localeCompare(other)).map(([key, item]) => [key, normal(item)]));
  }
  return value;
}
