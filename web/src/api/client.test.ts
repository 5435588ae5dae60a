import { describe, expect, it } from "vitest";
import { allItems } from "./client";

describe("a list that is wanted whole", () => {
  it("is asked for page after page, an empty one included, until there is no more", async () => {
    const pages: Record<string, { items: number[]; nextCursor: string | null }> = {
      first: { items: [1, 2], nextCursor: "second" },
      second: { items: [], nextCursor: "third" },
      third: { items: [3], nextCursor: null },
    };
    const asked: (string | null)[] = [];
    const whole = await allItems(async (cursor) => {
      asked.push(cursor);
      return pages[cursor ?? "first"] ?? { items: [], nextCursor: null };
    });
    expect(whole.items).toEqual([1, 2, 3]);
    expect(asked).toEqual([null, "second", "third"]);
  });
});
