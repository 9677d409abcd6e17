/** Files of models (weights, config, tokenizer, chat template, adapter) fail as all files do. */
export { FileError as ModelFileError, shown } from "../../store/index.js";
