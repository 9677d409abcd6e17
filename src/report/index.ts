/** Tables, figures, the static HTML report. */
export type * from "./data.js";
export { renderTable, type TableOptions } from "./tables.js";
export { renderReport } from "./html.js";
export { aimOutcomes } from "./aims.js";
export { renderAims } from "./aim-lines.js";
export { findingOf, type Finding } from "./finding.js";
export { sampleAnswers } from "./sample.js";
export type { FigureOptions } from "./figures/draw.js";
export { headlineFigure } from "./figures/headline.js";
export { questionFigure, type QuestionFigureOptions } from "./figures/questions.js";
export { batteryFigure } from "./figures/battery.js";
export { trainingFigure } from "./figures/training.js";
export type { Curve, CurvePoint, Panel, SeriesReport } from "./series/data.js";
export { curveFigure } from "./series/figure.js";
export { renderSeries } from "./series/page.js";
export { layColumns, type Column, type Laid } from "./columns.js";
export { printable } from "./printable.js";
export { count, counted, interval, noNumber, percent, points, pointsInterval } from "./numbers.js";
