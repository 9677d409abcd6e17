/** What tests look into; no part of the package's interface. */
export * from "./index.js";
export { JSON_KINDS } from "./json-envelope.js";
