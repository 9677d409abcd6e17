/** One kind of resumable work: a folder with a plan, events, rows, a lock and an end mark. */
export { EVENTS_FILE, readRun, Run, type RunCommand } from "./run.js";
export { RunError, RunKinds, type RunKind } from "./kinds.js";
export { PARTS_FOLDER, type SeriesPart } from "./part.js";
export { prepareRun } from "./prepare.js";
export { Series, type SeriesRow } from "./series.js";
