/** Output in a terminal: colours, tables, progress, and the two streams that they go to. */
export { colorsOf, hasColor, widthOf, askewCommand, type Colors, isLive } from "./terminal.js";
export { typedCommand } from "./typed-command.js";
export { watchReaders, readerGone } from "./reader-gone.js";
export { onInterrupt } from "./interrupt.js";
export { printJsonLine, printJson } from "./print-json.js";
export { shellWord as quoted } from "../text/index.js";
export { CountProgress } from "./count.js";
export { plainTable, ruledTable } from "./ruled-table.js";
export { progressBar, shareBar } from "./bar.js";
export { ProgressStream } from "./stream.js";
export { Redraw } from "./redraw.js";
export { Countdown } from "./countdown.js";
