/** The only room that appends, renames, locks and hashes files. */
export { Archive, ArchiveError } from "./archive/archive.js";
export { temporaryOf, writeFileAtomically } from "./atomic-file.js";
export {
  claimFile,
  makeFile,
  recordFile,
  refuseStrangers,
  RUN_FILE,
  takeFolder,
  type FolderKind,
  type FolderRecord,
} from "./claim.js";
export { checked } from "./checked.js";
export { firstDifference, refuseOtherPlan } from "./difference.js";
export { FileError, shown, StoreError } from "./file-error.js";
export { fileSha256, planKey, sha256, startSha256 } from "./hash.js";
export { readJson, readJsonIfPresent, readTextIfPresent, writeJson } from "./json-file.js";
export { jsonLines } from "./json-lines.js";
export { holderOf, holderOfClaims, lockFile, lockFolder, type Lock } from "./lock.js";
export { LineLog } from "./line-log.js";
export { makeFolder } from "./make-folder.js";
export { holdsRows, readRows, RowFile, writeRows } from "./row-file.js";
export { codeOf, explainSystemError, storing, systemFailure } from "./system-error.js";
export { makeFolderOf, makeOutputFolder } from "./output-folder.js";
