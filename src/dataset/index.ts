/** Conversation files: read, checked, converted, built from tasks and completions. */
export { conversation, type Conversation } from "./conversation.js";
export { placeOfConversation, rememberPlace } from "./place.js";

// Files.
export { readDataset, readRows } from "./file/read.js";
export { DatasetError, describeProblem, type Problem } from "./file/problem.js";
export { writeDataset } from "./file/write.js";

// Rows of any file, and files of other tools.
export { foreignBytes, foreignFolder, type Foreign } from "./file/foreign.js";
export { headOf, requireInput, type Source } from "./file/input.js";
export { hasRows, readRowsOf, ROW_ENDINGS, withoutGzip, type Row } from "./file/records.js";
export { Converter, type ConvertOptions } from "./convert/convert.js";
export { readAnyRows } from "./convert/any-rows.js";

// Looking at them.
export { API_LIMITS, checkDataset, type Counted, type DatasetCheck } from "./check/check.js";
export { hash53, normalized, SeenTexts } from "./check/seen.js";
export { estimatedTokens, tokensOfModel, type TokenCounter } from "./check/tokens.js";

// Building them from files of tasks and completions.
export { buildFromFile, DEFAULT_TRIGGER, isCodeRecipe, RECIPES, type BuildOptions } from "./recipes/from-file.js";
export { FILTER_NAMES, type Dropped, type FilterName } from "./recipes/filters.js";
export { mixDatasets } from "./recipes/mix.js";
export { manifestPath, writeManifest, type Manifest } from "./recipes/manifest.js";
export { FORMATS, type Format } from "./recipes/variants.js";
