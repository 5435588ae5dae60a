import { expect, test } from "vitest";
import { piecesOf } from "./MessageText";

test("addresses can be followed, without what ends the sentence around them", () => {
  expect(piecesOf("see https://maps.example/a?b=1, or www.example.com.")).toEqual([
    { text: "see " },
    { text: "https://maps.example/a?b=1", href: "https://maps.example/a?b=1" },
    { text: ", or " },
    { text: "www.example.com", href: "https://www.example.com" },
    { text: "." },
  ]);
});

test("nothing that would run here is a link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "plain words", ""]) {
    expect(piecesOf(text).every((piece) => piece.href === undefined)).toBe(true);
  }
});
