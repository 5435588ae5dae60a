import { describe, expect, it } from "vitest";
import { changedParts } from "./changedParts";

describe("what is saved", () => {
  it("is what was changed, and nothing else", () => {
    const known = { name: "Ayu", languages: ["id", "en"], biography: { en: "Hello", id: null }, visitsPerDay: null };
    expect(changedParts(known, { name: "Ayu", languages: ["id"], biography: { en: "Hello" }, visitsPerDay: null })).toEqual({ languages: ["id"] });
    expect(changedParts(known, { name: "Ayu L.", visitsPerDay: 3 })).toEqual({ name: "Ayu L.", visitsPerDay: 3 });
    expect(changedParts(known, { biography: { en: "Hello", id: "Halo" } })).toEqual({ biography: { en: "Hello", id: "Halo" } });
    expect(changedParts(known, { biography: null })).toEqual({ biography: null });
  });
});
