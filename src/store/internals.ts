/** What tests look into; no part of the package's interface. */
export * from "./index.js";
export { appendRows } from "./row-file.js";
