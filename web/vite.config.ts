import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const SERVER = "http://127.0.0.1:8090";

/** `npx vite web` serves the page while it is worked on, beside an `askew view` that answers its requests. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // The package has a build of its own for everything else.
  publicDir: false,
  oxc: { jsx: { runtime: "automatic" } },
  build: {
    outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
    emptyOutDir: true,
    // The page's policy lets no script in the page itself, so nothing is put in line.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    license: { fileName: "LICENCES.md" },
  },
  server: { proxy: { "/api": { target: SERVER, changeOrigin: true, headers: { origin: SERVER } } } },
});
