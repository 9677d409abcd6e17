/** What tests look into; no part of the package's interface. */
export { type DatasetRow, type ReadOptions } from "./file/read.js";
export { MOST_DEPTH } from "./file/json-scan.js";
export { conversationLine, DatasetWriter } from "./file/write.js";
export { judgeFilter } from "./recipes/judge-filter.js";
export { USER_PROMPTS } from "./recipes/prompts.js";
export { stripComments } from "./python/comments.js";
export { pythonFault, pythonParses } from "./python/check.js";
