import { describe, expect, it } from "vitest";
import { csvOf } from "./csv";

describe("a table for spreadsheets", () => {
  it("quotes what would break it, and defuses formulas", () => {
    expect(csvOf([{ name: 'Made "Budi", Ubud', price: -1, text: "=1+1" }, { name: "b", price: 2, text: "-x" }])).toBe(
      '\ufeffname,price,text\r\n"Made ""Budi"", Ubud",-1,\'=1+1\r\nb,2,\'-x\r\n',
    );
  });
});
