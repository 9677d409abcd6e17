/** How text is laid out for a terminal: tables, lines that fit, and how wide a text is there. */
import { wrapBy } from "../text/index.js";
import { textWidth } from "./width.js";

export { layColumns, left, right, type Column } from "./columns.js";
export { fit } from "./fit.js";
export { padEnd, padStart, textWidth } from "./width.js";

/** Breaks a line at spaces so that it fits a terminal's width; lines after the first are indented by `hang`. */
export const wrap = wrapBy(textWidth);
