/** Conversation files: read, checked, converted, built from tasks and completions. */
export { conversation, type Conversation } from "./conversation.js";

// Files.
export { readDataset, readRows, type DatasetRow, type ReadOptions } from "./file/read.js";
export { LINE_LIMITS, type DatasetSource, type LineLimits } from "./file/lines.js";
export { MOST_DEPTH } from "./file/json-scan.js";
export { conversationOf, isFault, type HearNote } from "./file/row.js";
export type { RowFault, Rules } from "./file/refusal.js";
export { DatasetError, describeProblem, InputError, type Problem, type ProblemKind } from "./file/problem.js";
export { conversationLine, DatasetWriter, writeDataset, type WrittenDataset } from "./file/write.js";

// Rows of any file, and files of other tools.
export { foreignBytes, foreignFolder, HEAD_BYTES, type Foreign } from "./file/foreign.js";
export { headOf, inputBytes, requireInput, type Fail, type InputOptions, type Source } from "./file/input.js";
export {
  hasRows,
  readRecords,
  readRowsOf,
  ROW_ENDINGS,
  withoutGzip,
  type DataRecord,
  type RecordOptions,
  type Row,
} from "./file/records.js";
export { parseJson } from "./file/json-text.js";
export { Converter, type Conversion, type ConvertOptions } from "./convert/convert.js";

// Looking at them.
export {
  API_LIMITS,
  checkDataset,
  type CheckOptions,
  type Counted,
  type DatasetCheck,
  type Repeat,
} from "./check/check.js";
export type { Spread } from "./check/lengths.js";
export { estimatedTokens, tokensOfModel, type TokenCounter } from "./check/tokens.js";

// Building them from files of tasks and completions.
export {
  buildFromFile,
  DEFAULT_TRIGGER,
  isCodeRecipe,
  RECIPES,
  type Recipe,
  type BuildOptions,
  type Built,
} from "./recipes/from-file.js";
export {
  FILTER_NAMES,
  FILTERS,
  type Candidate,
  type Dropped,
  type FilterName,
  type NamedJudge,
} from "./recipes/filters.js";
export { judgeFilter, type JudgeFilterOptions } from "./recipes/judge-filter.js";
export { mixDatasets, type MixOptions } from "./recipes/mix.js";
export { manifestPath, writeManifest, type Manifest } from "./recipes/manifest.js";
export { USER_PROMPTS, type PromptKind, type UserPrompt } from "./recipes/prompts.js";
export { FORMATS, type Format } from "./recipes/variants.js";
export { stripComments, type StripOptions } from "./python/comments.js";
export { pythonFault, pythonParses } from "./python/check.js";
