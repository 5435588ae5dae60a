import { beforeAll, describe, expect, it } from "vitest";
import { loadWords, wordsIn } from "../i18n/text";
import { basisPoints, differences, inWords, wholeNumber, type Rules } from "./policyFields";

const RULES: Rules = {
  responseWindowSeconds: 300,
  commissionRateBps: 3_000,
  commissionDueDays: 7,
  cancellation: { graceMinutes: 10, tiers: [{ hoursBefore: 4, feeBps: 0 }, { hoursBefore: 0, feeBps: 5_000 }] },
  noShowFeeBps: 0,
  noShowAfterMinutes: 20,
  autoCompleteAfterMinutes: 60,
  startCode: false,
  redispatch: "ask",
  redispatchMaxOffers: 3,
  redispatchMaxMinutes: 30,
  contactGuard: "mask",
  verification: "off",
  requiredDocuments: ["stpt", "identity"],
  pauseOffersWhenOverdueDays: null,
  missedOffersUntilOffline: null,
  commissionAccount: null,
};

beforeAll(async () => void (await Promise.all([loadWords("en", "admin"), loadWords("id", "admin")])));

describe("the rules of a policy", () => {
  it("are written in percent and kept in basis points", () => {
    expect(["30", "12,5", "0.01", "100", "100.01", "-1", "x", ""].map(basisPoints)).toEqual([3_000, 1_250, 1, 10_000, null, null, null, null]);
  });

  it("count within their bounds only", () => {
    expect(["1", "20", "0", "21", "1.5", ""].map((text) => wholeNumber(text, 1, 20))).toEqual([1, 20, null, null, null, null]);
  });

  it("differ where their values do, not where their order does", () => {
    expect(differences(RULES, { ...RULES, requiredDocuments: ["identity", "stpt"] })).toEqual([]);
    expect(differences(RULES, { ...RULES, commissionRateBps: 2_500, startCode: true })).toEqual(["commissionRateBps", "startCode"]);
  });

  it("are said in words", () => {
    const words = wordsIn("en");
    expect(inWords(words, "commissionRateBps", RULES)).toBe("30%");
    expect(inWords(words, "missedOffersUntilOffline", RULES)).toBe("never");
    expect(inWords(words, "cancellation", RULES)).toBe("free for 10 min after booking; from 4 h before: 0%; from 0 h before: 50%");
  });
});
