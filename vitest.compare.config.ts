import { defineConfig } from "vitest/config";

// `npm run compare`: not among the tests, because it needs Python and models, and takes minutes.
export default defineConfig({
  test: { include: ["test/**/*.run.ts"], disableConsoleIntercept: true, testTimeout: 600_000 },
});
