/** "Did you mean …?", which the floors below say too. */
export { nearest, suggestion } from "../model/index.js";
