// Puts the finished build where it is served from, in one step: whoever is reading never finds half of it.
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { writeBoot } from "./boot.mjs";

const web = new URL("../", import.meta.url);
const path = (name) => new URL(name, web);

await writeBoot(path("dist-next/"));

const worker = await readFile(path("dist-next/sw.js"), "utf8");
const build = createHash("sha256").update(await readFile(path("dist-next/index.html"))).update(await readFile(path("dist-next/assets.json")));
const named = worker.replace("shell-unbuilt", `shell-${build.digest("hex").slice(0, 12)}`);
if (named === worker) throw new Error("the service worker has no place for the build's name");
await writeFile(path("dist-next/sw.js"), named);

await rm(path("dist-former"), { recursive: true, force: true });
await rename(path("dist"), path("dist-former")).catch((problem) => {
  if (problem.code !== "ENOENT") throw problem;
});
await rename(path("dist-next"), path("dist"));
await rm(path("dist-former"), { recursive: true, force: true });
