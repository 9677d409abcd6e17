import { defineConfig } from "vitest/config";

// `npm run fuzz`: not among the tests, because it takes minutes.
export default defineConfig({ test: { include: ["test/fuzz/fuzz.run.ts"], disableConsoleIntercept: true } });
