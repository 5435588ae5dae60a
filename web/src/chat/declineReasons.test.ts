import { expect, test } from "vitest";
import { reasonIn } from "./declineReasons";

test("a reason of ours is read in the reader's language, whoever said it", () => {
  expect(reasonIn("en", "Terlalu jauh")).toBe("Too far away");
  expect(reasonIn("id", "Too far away")).toBe("Terlalu jauh");
});

test("words of one's own stay as they were written", () => {
  expect(reasonIn("id", "My bike is broken")).toBe("My bike is broken");
});
