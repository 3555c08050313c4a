import { resolve } from "node:path";
import { defineConfig } from "vite";

const page = (name: string): string => resolve(import.meta.dirname, name);

/** Four pages into `web/dist`: the server answers `/` with home.html, everything hashed lies under /assets/. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    assetsDir: "assets",
    emptyOutDir: true,
    target: ["chrome111", "firefox115", "safari16.4"],
    // `light-dark()` holds both themes in one line; it must reach the browser as it is.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
    rolldownOptions: { input: [page("home.html"), page("index.html"), page("play.html"), page("push.html")] },
  },
});
