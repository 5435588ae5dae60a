// Puts the finished build where it is served from, in one step: whoever is reading never finds half of it.
import { rename, rm } from "node:fs/promises";

const web = new URL("../", import.meta.url);
const path = (name) => new URL(name, web);

await rm(path("dist-former"), { recursive: true, force: true });
await rename(path("dist"), path("dist-former")).catch((problem) => {
  if (problem.code !== "ENOENT") throw problem;
});
await rename(path("dist-next"), path("dist"));
await rm(path("dist-former"), { recursive: true, force: true });
