import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { en, type Messages } from "./en";
import { id } from "./id";
import type { Formatter } from "./phrase";
import { loadWords, wordsIn } from "./text";

const languages: Record<string, Messages> = { en, id };
const formatter: Formatter = { plural: (_, forms) => Object.values(forms).join(" ") };

/** Stands for any values and remembers which of them were asked for. */
function probe(asked: Set<string>): Record<string, string> {
  return new Proxy({}, { get: (_, name) => (asked.add(String(name)), `<${String(name)}>`) }) as Record<string, string>;
}

function valuesUsed(message: unknown): string[] {
  if (typeof message !== "function") return [];
  const asked = new Set<string>();
  (message as (values: unknown, formatter: Formatter) => string)(probe(asked), formatter);
  return [...asked].sort();
}

function sources(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === "generated" ? [] : sources(new URL(`${entry.name}/`, folder));
    return /\.tsx?$/.test(entry.name) && !/^(en|id|first)\.ts$/.test(entry.name) ? [readFileSync(new URL(entry.name, folder), "utf8")] : [];
  });
}

beforeAll(async () => void (await Promise.all([loadWords("en"), loadWords("id")])));

describe("the words of the interface", () => {
  it("exist in every language", () => {
    for (const messages of Object.values(languages)) expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
  });

  it("are never empty", () => {
    for (const messages of Object.values(languages)) {
      for (const [key, message] of Object.entries(messages)) {
        if (typeof message === "string") expect(message.trim(), key).not.toBe("");
      }
    }
  });

  it("have a text for every code that the server can answer with", () => {
    const document = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8")) as {
      components: { schemas: Record<string, { properties?: Record<string, { enum?: string[] }> }> };
    };
    const codes = document.components.schemas["Problem"]?.properties?.["code"]?.enum ?? [];
    expect(codes.length).toBeGreaterThan(15);
    for (const code of [...codes, "network"]) expect(Object.keys(en)).toContain(`problem.${code}`);
  });

  it("say the same values in every language", () => {
    for (const key of Object.keys(en) as (keyof Messages)[]) {
      const expected = valuesUsed(en[key]);
      const given = valuesUsed(id[key]);
      expect(given, key).toEqual(expected);
    }
  });

  it("are all used", () => {
    const code = sources(new URL("../", import.meta.url)).join("\n");
    // Keys that end in a value of the wire are put together: status.${status}.
    const families = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1] ?? "");
    const unused = Object.keys(en).filter(
      (key) => !code.includes(`"${key}"`) && !families.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });

  it("begin what is read out for a button with what is written on it, so that it can be called by that", () => {
    for (const words of [wordsIn("en"), wordsIn("id")]) {
      const { t } = words;
      const at = "2026-11-22T08:15:00.000Z";
      const spoken: [string, string][] = [
        [t("find.bookNow"), t("find.bookNowWith", { name: "Ayu" })],
        [t("find.schedule"), t("find.scheduleWith", { name: "Ayu" })],
        [t("admin.bookings.view"), t("admin.bookings.viewOf", { id: "b-1" })],
        [t("chat.whatsApp"), t("chat.whatsAppWith", { name: "Ayu" })],
        [words.time(at, "Asia/Makassar"), words.dateTime(at, "Asia/Makassar")],
      ];
      for (const [written, name] of spoken) expect(name.toLowerCase()).toContain(written.toLowerCase());
    }
  });

  it("write money, dates and times as people do", () => {
    const english = wordsIn("en");
    const indonesian = wordsIn("id");
    expect(english.money(250_000).replace(/\s/g, " ")).toBe("Rp 250,000");
    expect(indonesian.money(250_000).replace(/\s/g, " ")).toBe("Rp 250.000");
    expect(indonesian.time("2026-11-22T08:15:00.000Z", "Asia/Makassar")).toBe("16:15");
    expect(english.dateTime("2026-11-22T08:15:00.000Z", "Asia/Jakarta")).toMatch(/15:15 WIB$/);
    expect(indonesian.dateTime("2026-11-22T08:15:00.000Z", "Asia/Makassar")).toMatch(/16:15 WITA$/);
    expect(english.t("chats.unread", { count: 1 })).toBe("1 unread message");
    expect(english.t("chats.unread", { count: 2 })).toBe("2 unread messages");
  });
});
