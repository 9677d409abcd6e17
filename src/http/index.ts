/** Listening for HTTP on this machine, and who may talk to what listens. */
export { isLoopback, strangerIn } from "./stranger.js";
export { closeHttp, listening, urlOf } from "./listening.js";
