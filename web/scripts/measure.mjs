// Says what each role downloads before its first page stands (gzip), and fails beyond the budget.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET = 200 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("assets.json", dist), "utf8"));
const roles = {
  customer: { entries: ["src/customer/CustomerArea.tsx"], words: "customer" },
  therapist: { entries: ["src/therapist/TherapistArea.tsx"], words: "desk" },
  // Its first page is a file of its own, as every other page of it.
  admin: { entries: ["src/admin/AdminArea.tsx", "src/admin/BookingsPage.tsx"], words: "admin" },
};

function collect(key, files) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) collect(imported, files);
  return files;
}

async function weigh(file) {
  const content = await readFile(new URL(file, dist));
  return gzipSync(content, { level: 9 }).length;
}

// One language is read at a time, and the words of each area are a file of their own.
async function weighWords(area) {
  const parts = (language) => ["common", area].map((part) => weigh(manifest[`src/i18n/${language}/${part}.ts`].file));
  const sums = await Promise.all(["en", "id"].map(async (language) => (await Promise.all(parts(language))).reduce((sum, part) => sum + part)));
  return Math.max(...sums);
}

let heavy = false;
for (const [role, { entries, words }] of Object.entries(roles)) {
  const files = collect("boot", collect("index.html", new Set()));
  for (const entry of entries) {
    if (!manifest[entry]) throw new Error(`${entry} is not in the build`);
    collect(entry, files);
  }
  // The Latin subset of the typeface, already compressed.
  const font = Object.values(manifest).find((chunk) => /figtree-latin-wght-normal/.test(chunk.file ?? ""));
  let total = font ? (await readFile(new URL(font.file, dist))).length : 0;
  total += gzipSync(await readFile(new URL("index.html", dist))).length;
  for (const file of files) total += await weigh(file);
  total += await weighWords(words);
  heavy ||= total > BUDGET;
  console.log(`${role.padEnd(10)} first load ${(total / 1024).toFixed(1)} KB gzip in ${files.size + 4} files`);
}
if (heavy) {
  console.error(`the budget is ${BUDGET / 1024} KB`);
  process.exit(1);
}
