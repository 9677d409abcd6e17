/** The OpenAI-compatible server over models of this machine. */
export { startServer, type ServedRequest, type Server, type ServerOptions } from "./server.js";
export { ServerError } from "./server-error.js";
export { namedModel, studyModels, type ModelSource, type ServedModel } from "./catalogue.js";
