import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The version stands in the repository's pyproject.toml alone; the footer shows it.
const project = readFileSync(new URL("../pyproject.toml", import.meta.url), "utf8");
process.env.VITE_VERSION = /^version = "(.*)"$/m.exec(project)?.[1] ?? "";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // scripts/swap.mjs puts it into its place.
    outDir: "dist-next",
    emptyOutDir: true,
    // The service worker reads here what the offline shell consists of.
    manifest: "assets.json",
    // The content security policy has no room for data: scripts, and small files gain nothing over HTTP/2.
    assetsInlineLimit: 0,
    // Licences of what is bundled go along with it.
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
  },
});
