import { describe, expect, it } from "vitest";
import { withPatience } from "./recovery";

describe("a page that does not load", () => {
  it("is asked for again, with growing pauses, until it comes", async () => {
    const pauses: number[] = [];
    let asked = 0;
    const load = async () => {
      asked += 1;
      if (asked < 3) throw new TypeError("Failed to fetch dynamically imported module");
      return "page";
    };
    expect(await withPatience(load, async (milliseconds) => pauses.push(milliseconds))).toBe("page");
    expect(pauses).toEqual([800, 1_600]);
  });

  it("is given up after the third time", async () => {
    const load = () => Promise.reject(new TypeError("Failed to fetch"));
    await expect(withPatience(load, async () => undefined)).rejects.toThrow("Failed to fetch");
  });
});
