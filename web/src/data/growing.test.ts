import { describe, expect, it } from "vitest";
import { joined, pushedDown, type ListPage } from "./growing";

interface Row {
  id: string;
  at: string;
  state?: string;
}

const shape = { idOf: (row: Row) => row.id, orderOf: (row: Row) => row.at };
const row = (at: number, state?: string): Row => ({ id: `b-${at}`, at: String(at).padStart(3, "0"), ...(state ? { state } : {}) });
const page = (items: Row[], nextCursor: string | null = "next"): ListPage<Row> => ({ items, nextCursor });
const ids = (items: Row[]) => items.map(({ id }) => id);

describe("a list that has grown", () => {
  const former = page([row(30), row(20), row(10)]);
  const further = { items: [row(9), row(8)], nextCursor: "later" };

  it("keeps what newer items have pushed out of its first page", () => {
    const present = page([row(50), row(40), row(30)]);
    const kept = pushedDown(former, present, further, shape);
    expect(ids(joined(present, kept, shape))).toEqual(["b-50", "b-40", "b-30", "b-20", "b-10", "b-9", "b-8"]);
    expect(kept?.nextCursor).toBe("later");
  });

  it("lets go what is within the first page no more", () => {
    const present = page([row(30), row(10), row(9)]);
    expect(ids(joined(present, pushedDown(former, present, further, shape), shape))).toEqual(["b-30", "b-10", "b-9", "b-8"]);
  });

  it("shows an item once, as the first page has it", () => {
    const present = page([row(10, "confirmed"), row(9, "expired")]);
    const list = joined(present, further, shape);
    expect(list).toEqual([row(10, "confirmed"), row(9, "expired"), row(8)]);
  });

  it("keeps nothing while nobody has asked for more", () => {
    expect(pushedDown(former, page([row(50)]), undefined, shape)).toBeNull();
  });

  it("begins anew when so much has come in that its first page has nothing of the former one", () => {
    expect(pushedDown(former, page([row(99), row(98), row(97)]), further, shape)).toBeNull();
  });

  it("keeps nothing that stands in an order it does not know", () => {
    const unknown = { ...shape, orderOf: () => null };
    expect(pushedDown(former, page([row(50), row(40), row(30)]), further, unknown)).toEqual(further);
  });
});
