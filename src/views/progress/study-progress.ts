/** Whoever watches a study for the user. */
import type { StudyEvent } from "../../study/index.js";
import type { StudyState } from "./study-state.js";

export interface StudyProgress {
  readonly state: StudyState;
  hear(event: StudyEvent): void;
  /** One line that the user should see while the work continues. */
  note(line: string): void;
  /** Ctrl-C was pressed. */
  stopping(message: string): void;
  /** Leaves the terminal as it was; may be called twice. */
  close(): void;
}
