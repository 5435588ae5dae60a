// Writes what runs before anything else: the colours of the page, the app that its area is, and what it will need, asked for at once
// instead of one after the other.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const AREAS = {
  "": { entries: ["src/customer/CustomerArea.tsx"], words: "customer" },
  desk: { entries: ["src/therapist/TherapistArea.tsx"], words: "desk" },
  admin: { entries: ["src/admin/AdminArea.tsx", "src/admin/BookingsPage.tsx"], words: "admin" },
};

function collect(manifest, key, files = new Set()) {
  const chunk = manifest[key];
  if (!chunk || files.has(`/${chunk.file}`)) return files;
  files.add(`/${chunk.file}`);
  for (const style of chunk.css ?? []) files.add(`/${style}`);
  for (const imported of chunk.imports ?? []) collect(manifest, imported, files);
  return files;
}

/** Puts the script beside the build's others and names it in its start page and manifest. */
export async function writeBoot(build) {
  const manifest = JSON.parse(await readFile(new URL("assets.json", build), "utf8"));
  const page = await readFile(new URL("index.html", build), "utf8");
  const start = collect(manifest, "index.html");
  const areas = Object.fromEntries(
    Object.entries(AREAS).map(([path, { entries }]) => {
      const files = new Set();
      for (const entry of entries) collect(manifest, entry, files);
      return [path, [...files].filter((file) => !start.has(file))];
    }),
  );
  const wordsOf = (language, part) => `/${manifest[`src/i18n/${language}/${part}.ts`].file}`;
  const words = Object.fromEntries(
    ["en", "id"].map((language) => [
      language,
      Object.fromEntries(Object.entries(AREAS).map(([path, { words: part }]) => [path, [wordsOf(language, "common"), wordsOf(language, part)]])),
    ]),
  );
  const script = `(function (areas, words) {
  var kept = function (name) { try { return localStorage.getItem("teduh." + name); } catch (e) { return null; } };
  var theme = kept("theme");
  var isDark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  var language = kept("language");
  if (language !== "en" && language !== "id") {
    language = navigator.languages.some(function (tag) { return /^id/i.test(tag); }) ? "id" : "en";
  }
  document.documentElement.lang = language;
  var area = location.pathname.split("/")[1];
  if (!areas[area]) area = "";
  var files = areas[area].concat(words[language][area]);
  // Each role installs an app of its own, which begins at its own page.
  if (area) {
    document.querySelector("link[rel=manifest]").href = "/" + area + ".webmanifest";
    document.querySelector("link[rel=icon]").href = "/icon-" + area + ".svg";
    document.querySelector("link[rel=apple-touch-icon]").href = "/icon-" + area + "-192.png";
  }
  files.forEach(function (file) {
    var link = document.createElement("link");
    link.href = file;
    if (/\\.css$/.test(file)) { link.rel = "preload"; link.as = "style"; } else link.rel = "modulepreload";
    document.head.append(link);
  });
})(${JSON.stringify(areas)}, ${JSON.stringify(words)});
`;
  const file = `assets/boot-${createHash("sha256").update(script).digest("hex").slice(0, 8)}.js`;
  await writeFile(new URL(file, build), script);
  const mark = "    <script type=\"module\"";
  if (!page.includes(mark)) throw new Error("the start page has no module script");
  await writeFile(new URL("index.html", build), page.replace(mark, `    <script src="/${file}"></script>\n${mark}`));
  await writeFile(new URL("assets.json", build), JSON.stringify({ ...manifest, boot: { file } }, null, 2));
}
