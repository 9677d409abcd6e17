/** sha256 of what a study rests on and of what it makes. */
import { createHash } from "node:crypto";
import { fileSha256 } from "../onnx/index.js";
import { storing } from "./storing.js";

export const hashFile = (path: string): Promise<string> => storing(path, () => fileSha256(path));

export const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");
