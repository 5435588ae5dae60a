import { describe, expect, it } from "vitest";
import { areaAround, AREAS, kilometresBetween } from "./areas";

const UBUD = { latitude: -8.5069, longitude: 115.2625 };
const SANUR = { latitude: -8.6783, longitude: 115.2636 };

describe("the areas", () => {
  it("are as far apart as on the map", () => {
    expect(kilometresBetween(UBUD, SANUR)).toBeCloseTo(19.06, 1);
    expect(kilometresBetween(UBUD, UBUD)).toBe(0);
  });

  it("name what is near, and nothing that is far from all", () => {
    expect(areaAround({ latitude: -8.52, longitude: 115.27 })).toBe("Ubud");
    expect(areaAround({ latitude: -3, longitude: 113 })).toBeNull();
  });

  it("have ids and names of their own", () => {
    expect(new Set(AREAS.map(({ id }) => id)).size).toBe(AREAS.length);
    expect(new Set(AREAS.map(({ name }) => name)).size).toBe(AREAS.length);
  });
});
