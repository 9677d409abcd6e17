/** Question sets, judges, scores, effects against a baseline. */
export { answerRequests, countAnswers, type AnswerRequest, type AskedSet } from "./requests.js";
export { ExactJudge, type JudgedScores, type Judge } from "./judge.js";
export { METRICS, metricsOf, type MetricName } from "./metrics.js";
export {
  scoreSet,
  type JudgedQuestion,
  type Metric,
  type Metrics,
  type QuestionMetrics,
  type SeedMetric,
  type SetScores,
} from "./scores.js";
export { changeFromBase, type Change, type Changes } from "./change.js";
export { expectedScore, scoreOf } from "./expected-score.js";
