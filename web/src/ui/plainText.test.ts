import { describe, expect, it } from "vitest";
import { beginningOf, lengthOf, plainLine, plainLines } from "./plainText";

describe("text as the server takes it", () => {
  it("keeps line breaks of every kind as one kind, twenty in a row at most", () => {
    expect(plainLines("Jalan Monyet 5\r\nUbud\rBali\u2028")).toBe("Jalan Monyet 5\nUbud\nBali");
    expect(plainLines(`a${"\n".repeat(40)}b`)).toBe(`a${"\n".repeat(20)}b`);
    expect(plainLines("\n\n a \n\n")).toBe("a");
  });

  it("leaves out what comes along with copying and would be refused", () => {
    expect(plainLines("a\tb\u0000\u0007\u202eC\u2066")).toBe("a bC");
    expect(plainLine("Wayan\r\nPutra\t")).toBe("Wayan Putra");
  });

  it("keeps joiners, accents and families of emoji", () => {
    for (const text of ["👩‍👩‍👧", "क्‍ष", "Zoë"]) expect(plainLine(text)).toBe(text);
    expect(plainLine("Zoe\u0308")).toBe("Zoë");
  });

  it("is empty if nobody could see it", () => {
    for (const text of ["", " \n ", "\u200d\u200b", "\u2800\u3164", "\u0000"]) expect(plainLines(text)).toBe("");
  });

  it("is as long as the server counts, and never cut within a letter", () => {
    expect(lengthOf("👍👍")).toBe(2);
    expect(beginningOf("ab👩‍👩‍👧cd", 4)).toBe("ab");
    expect(beginningOf("ab👩‍👩‍👧cd", 7)).toBe("ab👩‍👩‍👧");
  });
});
