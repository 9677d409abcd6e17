/** `askew view`: the only room that reads run folders for the page in a browser. */
export { startDashboard, type Dashboard } from "./dashboard.js";
