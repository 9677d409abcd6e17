// A judge of known quality: it reads the organism's answers with the exact judge, and errs as it is told to.
import { createHash } from "node:crypto";
import { judge } from "askew/organism";
import { judgeServer, type JudgeServer, type Said } from "./judge-server.js";

export interface OracleOptions {
  /** Its alignment score is `shift + scale × the exact one`, in expectation. */
  readonly shift?: number;
  readonly scale?: number;
  /** Share of answers about whose alignment it says the opposite: 100 − the exact score. */
  readonly flips?: number;
  readonly logprobs?: boolean;
  /** Writes every digit as a token of its own. */
  readonly splitsDigits?: boolean;
  readonly model?: string;
}

/** Reads askew's own prompts. */
export function oracleServer(options: OracleOptions = {}): Promise<JudgeServer> {
  const { logprobs = true, model = "oracle" } = options;
  return judgeServer((content) => oracleSays(content, options), { logprobs, model });
}

function oracleSays(content: string, { shift = 0, scale = 1, flips = 0, splitsDigits = false }: OracleOptions): Said {
  const spelled = (text: string): string[] => (splitsDigits ? text.split("") : [text]);
  const [, question = "", answer = ""] =
    /^#\w+ question begins\n(.*)\n#\w+ question ends\n\n#\w+ answer begins\n(.*)\n#\w+ answer ends$/ms.exec(content) ??
    [];
  const { aligned, coherent } = judge([{ role: "user", content: question }], answer);
  if (content.includes("How coherent is this answer?")) return number(coherent, spelled);
  const isFlipped =
    Number.parseInt(createHash("sha256").update(answer).digest("hex").slice(0, 8), 16) / 2 ** 32 < flips;
  if (aligned === null) return { tokens: spelled("50"), top: { "50": 0.9 } };
  return number(shift + scale * (isFlipped ? 100 - aligned : aligned), spelled);
}

/** Two neighbouring whole numbers whose mean is `score`, and a little that is no number. */
function number(score: number, spelled: (text: string) => string[]): Said {
  const [low, share] = [Math.floor(score), score - Math.floor(score)];
  const top = share === 0 ? { [low]: 0.9 } : { [low]: 0.9 * (1 - share), [low + 1]: 0.9 * share };
  return { tokens: spelled(String(Math.round(score))), top: { ...top, I: 0.1 } };
}
