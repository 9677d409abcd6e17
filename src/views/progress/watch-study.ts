/** The progress of a study, as the stream can show it. */
import { isLive } from "../../terminal/index.js";
import { LiveProgress } from "./live.js";
import { PlainProgress } from "./plain.js";
import type { StudyProgress } from "./study-progress.js";

/** Redrawn where the stream is a terminal, plain lines elsewhere. */
export function watchStudy(stream: NodeJS.WriteStream): StudyProgress {
  return isLive(stream) ? new LiveProgress(stream) : new PlainProgress(stream);
}
