// Says what each role downloads before its first page stands (gzip), and fails beyond the budget.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET = 200 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("assets.json", dist), "utf8"));
const roles = {
  customer: "src/customer/CustomerArea.tsx",
  therapist: "src/therapist/TherapistArea.tsx",
  admin: "src/admin/AdminArea.tsx",
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

// One language is read at a time, and its words are a file of their own.
const languages = await Promise.all(["src/i18n/en.ts", "src/i18n/id.ts"].map((key) => weigh(manifest[key].file)));

let heavy = false;
for (const [role, entry] of Object.entries(roles)) {
  if (!manifest[entry]) throw new Error(`${entry} is not in the build`);
  const files = collect("boot", collect(entry, collect("index.html", new Set())));
  // The Latin subset of the typeface, already compressed.
  const font = Object.values(manifest).find((chunk) => /figtree-latin-wght-normal/.test(chunk.file ?? ""));
  let total = font ? (await readFile(new URL(font.file, dist))).length : 0;
  total += gzipSync(await readFile(new URL("index.html", dist))).length;
  for (const file of files) total += await weigh(file);
  total += Math.max(...languages);
  heavy ||= total > BUDGET;
  console.log(`${role.padEnd(10)} first load ${(total / 1024).toFixed(1)} KB gzip in ${files.size + 3} files`);
}
if (heavy) {
  console.error(`the budget is ${BUDGET / 1024} KB`);
  process.exit(1);
}
