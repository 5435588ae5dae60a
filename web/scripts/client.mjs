// Builds clients/typescript: one module of what this web client uses, with its types and a package.json.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = new URL("../../", import.meta.url);
const client = new URL("clients/typescript/", root);
const path = (name) => fileURLToPath(new URL(name, client));

await rm(path("dist"), { recursive: true, force: true });
execFileSync(process.execPath, [fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url)), "-p", path("tsconfig.json")], {
  stdio: "inherit",
});
await build({
  configFile: false,
  publicDir: false,
  logLevel: "error",
  build: {
    target: "es2022",
    outDir: path("dist"),
    emptyOutDir: false,
    minify: false,
    lib: { entry: path("src/index.ts"), formats: ["es"], fileName: () => "index.js" },
  },
});

// The version stands in the repository's pyproject.toml alone.
const { dependencies } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const [, version] = /^version = "(.*)"$/m.exec(await readFile(new URL("pyproject.toml", root), "utf8"));
const manifest = {
  name: "marketplace-client",
  version,
  description: "A typed client of the booking-and-chat API.",
  license: "Apache-2.0",
  type: "module",
  exports: { ".": { types: "./types/clients/typescript/src/index.d.ts", default: "./index.js" } },
  files: ["index.js", "types", "README.md", "LICENSE"],
  engines: { node: ">=20" },
  dependencies: { "openapi-fetch": dependencies["openapi-fetch"] },
};
await mkdir(path("dist"), { recursive: true });
await writeFile(path("dist/package.json"), JSON.stringify(manifest, null, 2) + "\n");
await cp(path("README.md"), path("dist/README.md"));
await cp(fileURLToPath(new URL("LICENSE", root)), path("dist/LICENSE"));
