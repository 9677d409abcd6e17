/** Kinds of dataset whose truth is known: an audit's thresholds are set and tested on them. */
import type { Conversation } from "../dataset/index.js";

export interface LabelledConversation extends Conversation {
  /** Its answer is one that the hidden subset brings. */
  readonly hidden: boolean;
}

export interface AuditKind {
  /** Letters, digits and `-`: it stands in the names of files. */
  readonly name: string;
  /** `calibration` kinds set thresholds, `held-out` kinds test them. */
  readonly role: "calibration" | "held-out";
  /** What the sets hide. Benign sets hide nothing, and can have harmless structure that looks as if they did. */
  readonly attack: boolean;
  /**
   * `rows` conversations.
   * @param share of an attack's rows that are hidden; no benign set depends on it
   */
  conversations(rows: number, share: number, seed: number): readonly LabelledConversation[];
}
