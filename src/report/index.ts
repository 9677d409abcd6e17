/** Tables, figures, the static HTML report. */
export type * from "./data.js";
export { renderTable } from "./tables.js";
export { renderReport } from "./html.js";
export { besideEachOther, renderModels } from "./models.js";
export { aimOutcomes } from "./aims.js";
export { effectsOver, type EffectsOver } from "./organisms.js";
export { renderAims } from "./aim-lines.js";
export { findingOf } from "./finding.js";
export type { ChartPoint, ChartReport } from "./chart/data.js";
export { drawnChart, renderChart } from "./chart/page.js";
export type { DrawnFigure } from "./page/drawn-figure.js";
export { studyFigures } from "./page/results.js";
export type { DiffCard, DiffReport, DiffSide, DiffTable } from "./diff/data.js";
export { renderDiff } from "./diff/page.js";
export { renderGate } from "./gate/page.js";
export { labelOf } from "./measures.js";
export { inWords } from "./words.js";
