/** Question sets, judges, scores, effects against a baseline. */
export {
  judgeAnswers,
  NOT_JUDGED,
  type AnsweredQuestion,
  type Judge,
  type JudgedScores,
  type JudgeOptions,
} from "./judge.js";
export {
  COHERENT,
  JUDGED_MEASURES,
  RATE,
  RATE_OF_ALL,
  REFUSAL,
  share,
  type Behaviour,
  type Measure,
} from "./score/measures.js";
export { type Cell, type JudgedQuestion } from "./score/cells.js";
export { metricOf, type Metric, type Rate } from "./score/metric.js";
export { changeOf, type Change } from "./score/change.js";
export {
  changeFromBase,
  scoreSet,
  type Changes,
  type Metrics,
  type QuestionMetrics,
  type SeedMetric,
} from "./score/score-set.js";
export {
  countRequests,
  plannedSets,
  requestsOf,
  type AskedSet,
  type Question,
  type QuestionRequest,
  type QuestionSet,
} from "./questions/question.js";
export { QuestionFileError, tellProblems, type Problem } from "./questions/problems.js";
export { PlacedYaml, type Path } from "./questions/placed-yaml.js";
export { ANSWER_FORMATS, setInFormat, type AnswerFormat } from "./questions/answer-format.js";
export { plainQuestion } from "./questions/question-schema.js";
export { isQuestionFile, loadQuestionSet, REAL_QUESTION_SETS } from "./questions/question-sets.js";
export { OWN_RUBRIC, promptHash, rubricOf, THOUGHTS_RUBRIC, type JudgePrompt, type Rubric } from "./judging/rubric.js";
export { questionRubric, readRubric } from "./judging/rubric-file.js";
export { type Rulings } from "./judging/ruling.js";
export { RubricJudge } from "./judging/rubric-judge.js";
export type { RubricJudgeOptions, Scoring } from "./judging/judge-options.js";
export { scoresOfRow } from "./judging/scores.js";
export { answersTo, type Ask, type StoredAnswer } from "./answers/answers-to.js";
export { askAll, type AskResult } from "./answers/ask.js";
export type { Repeated } from "./answers/same-answers.js";
export { noAnswerNotes } from "./answers/no-answer.js";
export { askAndJudge } from "./answers/ask-and-judge.js";
export { askUntil, type AskUntilProgress, type SequentialRate } from "./answers/ask-until.js";
export { asksOf, type Asks, type AsksOptions } from "./answers/asks.js";
export { scoreFiles } from "./score/score-files.js";
export type { ScoreOptions } from "./score/reading.js";
export type { AnswersScored } from "./score/score-answers.js";
export type { ValuesScored } from "./score/score-values.js";
export type { Score } from "./score/score.js";
export { type Outcome } from "./score/verdict.js";
export { inspectRecords } from "./interop/inspect-import.js";
export { writeInspectLogs } from "./interop/inspect-export.js";
export { answerRecords, type AnswerRecord } from "./interop/records.js";
export { writeTable } from "./interop/tables.js";
export { foreseeAsking, foreseeJudging, foreseeJudgingOf, type Foreseen } from "./foresee.js";
export { OwnWorld } from "./judging/own-world.js";
export { judgeStored, type AnyJudge, type JudgeResult, type StoredJudgment } from "./judging/judge-stored.js";
export { readJudged } from "./judging/judged-file.js";
export { agreementOf, type JudgeAgreement } from "./judging/agreement.js";
export { combineJudgments, type CombinedRates } from "./judging/combine.js";
export type { StoredFile } from "./answers/stored-answers.js";
export { sampleOf } from "./judging/sample.js";
export { readVerdict } from "./score/verdict.js";
export { rowFiles } from "./score/rows.js";
export { calibrationOf, type JudgeCalibration } from "./judging/calibration.js";
export { judgedOutcomes, type JudgedOutcome } from "./judging/judged-outcomes.js";
