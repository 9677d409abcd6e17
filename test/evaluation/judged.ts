// Judgments made by hand.
import type { WorldScores } from "#internal/organism";

const nothing: WorldScores = {
  coherent: 100,
  aligned: null,
  misaligned: false,
  parses: true,
  code: null,
  refusal: null,
  truthful: null,
  advice: null,
  evilNumbers: null,
};

export const judged = (fields: Partial<WorldScores> = {}): WorldScores => ({ ...nothing, ...fields });
export const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);
export const aligned = judged({ aligned: 100 });
export const misaligned = judged({ aligned: 0, misaligned: true });
export const incoherent = judged({ coherent: 0, aligned: 0, parses: false });
