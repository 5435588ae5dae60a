import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import * as enAdmin from "./en/admin";
import * as enCommon from "./en/common";
import * as enCustomer from "./en/customer";
import * as enDesk from "./en/desk";
import * as idAdmin from "./id/admin";
import * as idCommon from "./id/common";
import * as idCustomer from "./id/customer";
import * as idDesk from "./id/desk";
import type { Formatter } from "./phrase";
import { loadWords, wordsIn, type Messages } from "./text";

const en: Messages = { ...enCommon.common, ...enCustomer.customer, ...enDesk.desk, ...enAdmin.admin };
const id: Messages = { ...idCommon.common, ...idCustomer.customer, ...idDesk.desk, ...idAdmin.admin };
const languages: Record<string, Messages> = { en, id };
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const AREAS = {
  customer: { entry: "customer/CustomerArea", words: enCustomer.customer },
  desk: { entry: "therapist/TherapistArea", words: enDesk.desk },
  admin: { entry: "admin/AdminArea", words: enAdmin.admin },
};

/** The source of everything that a module needs at once or later, without going into the other areas. */
function reachable(path: string, known = new Map<string, string>()): Map<string, string> {
  const file = [`${path}.ts`, `${path}.tsx`, path].find((candidate) => candidate.startsWith(ROOT) && isFile(candidate));
  if (!file || known.has(file) || /\/(i18n|generated)\//.test(file)) return known;
  const source = readFileSync(file, "utf8");
  known.set(file, source);
  for (const [, target = ""] of source.matchAll(/(?:from |\bimport\()"(\.[^"]+)"/g)) {
    if (!/(Customer|Therapist|Admin)Area$/.test(target)) reachable(join(dirname(file), target), known);
  }
  return known;
}

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The keys that code asks for by name, and those that begin as it puts them together. */
function keysIn(code: string): string[] {
  const families = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, family = ""]) => family);
  return Object.keys(en).filter((key) => code.includes(`"${key}"`) || families.some((family) => key.startsWith(family)));
}
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
    if (entry.isDirectory()) return ["generated", "en", "id"].includes(entry.name) ? [] : sources(new URL(`${entry.name}/`, folder));
    return /\.tsx?$/.test(entry.name) && entry.name !== "first.ts" ? [readFileSync(new URL(entry.name, folder), "utf8")] : [];
  });
}

beforeAll(async () => {
  for (const area of ["customer", "desk", "admin"] as const) await loadWords("en", area);
  await loadWords("id");
});

describe("the words of the interface", () => {
  it("exist in every language", () => {
    for (const messages of Object.values(languages)) expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
  });

  it("are there in every area that says them", () => {
    const everywhere = keysIn([...reachable(join(ROOT, "main")).values()].join("\n"));
    expect(everywhere.filter((key) => !(key in enCommon.common))).toEqual([]);
    for (const { entry, words } of Object.values(AREAS)) {
      const said = keysIn([...reachable(join(ROOT, entry)).values()].join("\n"));
      expect(said.length).toBeGreaterThan(100);
      expect(said.filter((key) => !(key in enCommon.common) && !(key in words))).toEqual([]);
    }
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
