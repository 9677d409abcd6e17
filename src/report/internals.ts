/** What tests look into; no part of the package's interface. */
export { sampleAnswers } from "./sample.js";
export { headlineFigure } from "./figures/headline.js";
export { questionFigure } from "./figures/questions.js";
export { batteryFigure } from "./figures/battery.js";
export { trainingFigure } from "./figures/training.js";
export { chartFigure } from "./chart/figure.js";
export { type ChartPanel } from "./chart/data.js";
