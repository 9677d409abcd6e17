/** Whoever watches a study for the user. */
import type { StudyEvent } from "../../study/index.js";
import type { StudyState } from "./study-state.js";

export interface StudyProgress {
  readonly state: StudyState;
  hear(event: StudyEvent): void;
  /** What the user should know while it goes on, in one line. */
  note(line: string): void;
  /** Ctrl-C was pressed. */
  stopping(message: string): void;
  /** Leaves the terminal as it was; may be called twice. */
  close(): void;
}
