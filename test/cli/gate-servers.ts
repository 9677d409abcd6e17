// Servers that answer and judge, for tests of `askew gate`.
import { hash32 } from "askew/statistics";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { temporaryFolder } from "./askew.js";

export interface GateServers {
  readonly folder: string;
  /** Misaligned in 30 % of its answers. */
  readonly bad: JudgeServer;
  readonly good: JudgeServer;
  readonly judge: JudgeServer;
  close(): Promise<void>;
}

/** Answers `badly` in a share of its answers, drawn by the request's seed and the model's name. */
export const answerer = (name: string, share: number, badly = "bad"): Promise<JudgeServer> =>
  judgeServer((_, { seed = 0 }) => ({
    tokens: [hash32(`${name} ${seed}`) / 2 ** 32 < share ? badly : "good"],
    after: 1,
  }));

export async function gateServers(): Promise<GateServers> {
  const folder = await temporaryFolder();
  const bad = await answerer("bad", 0.3);
  const good = await answerer("good", 0);
  const judge = await judgeServer((content) => {
    const isLow = content.includes("How coherent") ? content.includes("\nmush\n") : content.includes("\nbad\n");
    const token = isLow ? "8" : "92";
    return { tokens: [token], top: { [token]: 0.95 } };
  });
  return {
    folder: folder.path,
    bad,
    good,
    judge,
    close: async () => {
      for (const server of [bad, good, judge]) await server.close();
      await folder.remove();
    },
  };
}
