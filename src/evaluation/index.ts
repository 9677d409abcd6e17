/** Question sets, judges, scores, effects against a baseline. */
export { judgeAnswers, type AnsweredQuestion, type Judge, type JudgedScores, type JudgeOptions } from "./judge.js";
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
export { cellsOf, type JudgedQuestion } from "./score/cells.js";
export { metricOf, type IntervalOver, type Metric, type Rate, type RateOptions } from "./score/metric.js";
export type { Change } from "./score/change.js";
export {
  changeFromBase,
  scoreSet,
  type Changes,
  type Metrics,
  type QuestionMetrics,
  type SeedMetric,
  type SetScores,
} from "./score/score-set.js";
export { expectedScore, scoreOf } from "./expected-score.js";
export { csvLine } from "./interop/csv-line.js";
export {
  countRequests,
  fillTemplate,
  plannedSets,
  QUESTION_TYPES,
  questionRequest,
  questionRequests,
  requestsOf,
  samplesOf,
  type AskedSet,
  type Question,
  type QuestionRequest,
  type QuestionSet,
  type QuestionType,
} from "./questions/question.js";
export { QuestionFileError, tellProblems, type Problem } from "./questions/problems.js";
export { PlacedYaml, type Path } from "./questions/placed-yaml.js";
export { parseQuestions, readQuestionFile } from "./questions/question-file.js";
export { readPromptTable } from "./questions/prompt-table.js";
export { ANSWER_FORMATS, inFormat, setInFormat, type AnswerFormat } from "./questions/answer-format.js";
export { plainQuestion } from "./questions/question-schema.js";
export { isQuestionFile, loadQuestionSet, REAL_QUESTION_SETS } from "./questions/question-sets.js";
export { JudgeError } from "./judging/error.js";
export {
  isCut,
  judgeMessages,
  LONGEST_ANSWER,
  LONGEST_QUESTION,
  OWN_RUBRIC,
  promptHash,
  rubricOf,
  type JudgePrompt,
  type PromptKind,
  type Rubric,
} from "./judging/rubric.js";
export { parseRubric, questionRubric, readRubric } from "./judging/rubric-file.js";
export {
  readReply,
  rulingOfReplies,
  rulingOfToken,
  rulingOfWords,
  type Ruling,
  type Rulings,
} from "./judging/ruling.js";
export { RubricJudge } from "./judging/rubric-judge.js";
export type { Judgeable, RubricJudgeOptions, Scoring } from "./judging/judge-options.js";
export { columnOf, misalignedOf, scoresOfRow, type ScoreColumn } from "./judging/scores.js";
export { AnswerFileError } from "./answers/error.js";
export { answersTo, type Ask, type StoredAnswer } from "./answers/answers-to.js";
export { askAll, type AskOptions, type AskProgress } from "./answers/ask.js";
export { noAnswerNotes } from "./answers/no-answer.js";
export { askUntil, type AskUntilOptions, type AskUntilProgress, type SequentialRate } from "./answers/ask-until.js";
export { asksOf, type Asks, type AsksOptions } from "./answers/asks.js";
export { scoreFiles } from "./score/score-files.js";
export { ScoreError } from "./score/error.js";
export type { ScoreOptions } from "./score/reading.js";
export type { AnswersScored, GroupScore } from "./score/score-answers.js";
export type { ValueGroup, ValuesScored } from "./score/score-values.js";
export type { QuestionScore, Score } from "./score/score.js";
export { OUTCOMES, type Outcome } from "./score/verdict.js";
export { InspectLogError } from "./interop/inspect-log.js";
export { inspectRecords } from "./interop/inspect-import.js";
export { writeInspectLogs, type InspectExportOptions } from "./interop/inspect-export.js";
export { answerRecords, type AnswerRecord } from "./interop/records.js";
export { TABLE_FORMATS, writeTable, type RecordSource, type TableFormat } from "./interop/tables.js";
export { storedAnswers, type AnswerToJudge } from "./answers/stored-answers.js";
export {
  judgeStored,
  type AnyJudge,
  type JudgeProgress,
  type JudgeStoredOptions,
  type StoredJudgment,
} from "./judging/judge-stored.js";
export { readJudged, type JudgedFile, type Verdicts } from "./judging/judged-file.js";
export { agreementOf, type Alphas, type JudgeAgreement, type JudgePair } from "./judging/agreement.js";
export { calibrationOf, type JudgeCalibration } from "./judging/calibration.js";
