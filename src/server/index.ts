/** The OpenAI-compatible server over models of this machine. */
export { startServer, type ServedRequest } from "./server.js";
export { namedModel, studyModels, type ModelSource } from "./catalogue.js";
