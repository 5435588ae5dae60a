import { describe, expect, it } from "vitest";
import { asCalled, regionOf, REGIONS, usualRegion } from "./telephone";

describe("telephone numbers", () => {
  it("are shown as they will be called", () => {
    expect(asCalled("0812 3456 7890", "ID")).toBe("+62 812 3456 7890");
    expect(asCalled("62812 3456 7890", "ID")).toBe("+62 812 3456 7890");
    expect(asCalled("0412 345 678", "AU")).toBe("+61 412 3456 78");
    expect(asCalled("06 12 34 56 78", "FR")).toBe("+33 612 3456 78");
    expect(asCalled("0 55 12 34 56", "IT")).toBe("+39 055 1234 56");
    expect(asCalled("+44 7700 900123", "ID")).toBe("+44 770 0900 123");
    expect(asCalled("0044 7700 900123", "ID")).toBe("+44 770 0900 123");
    expect(asCalled("0812", "ID")).toBeNull();
  });

  it("tell their region by a plus", () => {
    expect(regionOf("+62 812")).toBe("ID");
    expect(regionOf("+1 212 555 0100")).toBe("US");
    expect(regionOf("+358 40 1234567")).toBe("FI");
    expect(regionOf("0812")).toBeNull();
  });

  it("begin in the region of the browser's language", () => {
    expect(usualRegion(["en-AU", "id-ID"])).toBe("AU");
    expect(usualRegion(["en", "id"])).toBe("ID");
    expect(REGIONS.size).toBeGreaterThan(200);
  });
});
