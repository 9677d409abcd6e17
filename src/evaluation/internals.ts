/** What tests look into; no part of the package's interface. */
export { cellsOf } from "./score/cells.js";
export { metricOf, type RateOptions } from "./score/metric.js";
export { type SetScores } from "./score/score-set.js";
export { expectedScore } from "./expected-score.js";
export { csvLine } from "./interop/csv-line.js";
export { fillTemplate, questionRequests, samplesOf } from "./questions/question.js";
export { parseQuestions, readQuestionFile } from "./questions/question-file.js";
export { readPromptTable } from "./questions/prompt-table.js";
export { inFormat } from "./questions/answer-format.js";
export { JudgeError } from "./judging/error.js";
export { isCut, judgeMessages, LONGEST_ANSWER, LONGEST_QUESTION } from "./judging/rubric.js";
export { parseRubric } from "./judging/rubric-file.js";
export { readReply, rulingOfReplies, rulingOfToken, rulingOfWords } from "./judging/ruling.js";
export { columnOf, misalignedOf } from "./judging/scores.js";
export { type AskUntilOptions } from "./answers/ask-until.js";
export { type AnswerRecord } from "./interop/records.js";
export { storedAnswers, type AnswerToJudge } from "./answers/stored-answers.js";
