/** askew's own version, from its package. */
export { VERSION } from "../text/index.js";
