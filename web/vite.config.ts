import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

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
    modulePreload: { polyfill: false },
  },
});
