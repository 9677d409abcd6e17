/** What tests look into; no part of the package's interface. */
export { type Server, type ServerOptions } from "./server.js";
export { ServerError } from "./server-error.js";
