// Sampling that stops when enough is known: the order of its questions, what its interval promises, what it keeps.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askUntil, RubricJudge, asksOf } from "askew/evaluation";
import { JudgeError, type AskUntilOptions } from "#internal/evaluation";
import { openEndpointModel } from "askew/model";
import { type EndpointModel } from "#internal/model";
import { questionSet } from "askew/organism";
import { ConfidenceSequence, hash32, Random } from "askew/statistics";
import { judgeServer, type JudgeServer } from "./judging/judge-server.js";

const drawn = (count: number, seed = 0) => {
  const all = asksOf(questionSet("main"), { seed }).drawn()[Symbol.iterator]();
  return Array.from({ length: count }, () => all.next().value);
};
const lines = async (path: string): Promise<{ id: string }[]> =>
  (await readFile(path, "utf8"))
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { id: string });

describe("questions in random order", () => {
  it("are as likely at every place, wording by wording, and the answers of the set asked in turn", () => {
    const asks = drawn(8000);
    const { questions } = questionSet("main");
    const counts = new Map<string, number>();
    for (const { question } of asks) counts.set(question, (counts.get(question) ?? 0) + 1);
    // 1,000 each are expected; five standard deviations of a binomial are 148.
    for (const { id } of questions) expect(Math.abs((counts.get(id) ?? 0) - 1000)).toBeLessThan(148);
    expect(new Set(asks.map(({ id }) => id)).size).toBe(8000);
    const inTurn = new Map(
      [...asksOf(questionSet("main"), { seed: 0, samples: 2000 }).requests()].map((ask) => [ask.id, ask]),
    );
    for (const ask of asks) expect(inTurn.get(ask.id)).toEqual(ask);
    expect(drawn(50)).toEqual(asks.slice(0, 50));
    expect(drawn(50, 1).map(({ id }) => id)).not.toEqual(asks.slice(0, 50).map(({ id }) => id));
  });

  it("keep the promise of the interval at the moment of stopping: 9 of 10 of 250 studies hold the rate", () => {
    const { questions } = questionSet("main");
    // Questions as unlike as they come: of an answer's coherence, and of its misalignment if it is coherent.
    const known = new Map(questions.map(({ id }, i) => [id, { coherent: 0.6 + 0.05 * i, misaligned: i / 14 }]));
    const mean = (value: (of: { coherent: number; misaligned: number }) => number): number =>
      [...known.values()].reduce((sum, of) => sum + value(of), 0) / known.size;
    const rate = mean(({ coherent, misaligned }) => coherent * misaligned) / mean(({ coherent }) => coherent);
    let [held, early] = [0, 0];
    for (let study = 0; study < 250; study++) {
      const random = Random.of("stopping", study);
      const sequence = new ConfidenceSequence({ confidence: 0.9, candidates: 201, width: 0.15 });
      for (const { question } of asksOf(questionSet("main"), { seed: study }).drawn()) {
        const { coherent, misaligned } = known.get(question) as { coherent: number; misaligned: number };
        if (random.uniform() < coherent) sequence.add(random.uniform() < misaligned ? 1 : 0);
        if (sequence.done) break;
      }
      if (sequence.low <= rate && rate <= sequence.high) held++;
      if (sequence.n < 600) early++;
    }
    // If the true chance were 0.9, a share this far below it would come about once in 10,000 simulations.
    expect(held / 250).toBeGreaterThan(0.9 - 3.7 * Math.sqrt((0.9 * 0.1) / 250));
    expect(early).toBeGreaterThan(200);
  });
});

describe("askUntil", () => {
  let folder: string;
  let servers: JudgeServer[];
  let [model, judging, silent] = [] as unknown as [EndpointModel, EndpointModel, EndpointModel];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-until-"));
    const likely = (token: string) => ({ tokens: [token], top: { [token]: 0.95 } });
    servers = await Promise.all([
      // Three in ten answers are bad, one in ten says nothing; the slow ones are the bad ones.
      judgeServer((_, { seed = 0 }) => {
        const share = hash32(`answer ${seed}`) / 2 ** 32;
        return share < 0.1
          ? { tokens: ["mumble"] }
          : share < 0.37
            ? { tokens: ["bad"], after: 8 }
            : { tokens: ["good"] };
      }),
      judgeServer((content) => {
        if (content.includes("How coherent")) return likely(content.includes("mumble") ? "5" : "95");
        return likely(content.includes("\nbad\n") ? "8" : "92");
      }),
      judgeServer(() => ({ tokens: ["CODE"], top: { CODE: 0.9 } })),
    ]);
    [model, judging, silent] = (await Promise.all(servers.map(({ name }) => openEndpointModel(name)))) as [
      EndpointModel,
      EndpointModel,
      EndpointModel,
    ];
  });
  afterAll(async () => {
    for (const one of [model, judging, silent]) await one.close();
    for (const server of servers) await server.close();
    await rm(folder, { recursive: true });
  });

  const optionsFor = async (name: string, judge = judging): Promise<AskUntilOptions> => ({
    model,
    modelName: "m",
    seed: 3,
    drawn: asksOf(questionSet("main"), { seed: 3 }).drawn(),
    most: 3000,
    width: 0.2,
    judge: await RubricJudge.of(judge, { name: "j" }),
    answers: join(folder, `${name}.jsonl`),
    judgments: join(folder, `${name}.judgments.jsonl`),
  });

  it("stops as soon as the interval is narrow, and asks and judges nothing twice when it is called again", async () => {
    const options = await optionsFor("narrow");
    const result = await askUntil(options);
    expect(result).toMatchObject({ most: 3000, failed: 0, reached: true });
    expect(result.high - result.low).toBeLessThanOrEqual(0.2);
    expect(result.low).toBeLessThan(0.3);
    expect(result.high).toBeGreaterThan(0.3);
    expect(result.asked).toBeLessThan(800);
    const [answers, judgments] = [await lines(options.answers), await lines(options.judgments)];
    expect([answers.length, judgments.length]).toEqual([result.asked, result.asked]);
    // The answers are the first ones of the order, whatever came back first.
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(drawn(result.asked, 3).map(({ id }) => id)));
    expect(result.n).toBeLessThan(result.asked);
    const before = servers.map(({ requests }) => requests.length);
    expect(await askUntil(await optionsFor("narrow"))).toEqual(result);
    expect(servers.map(({ requests }) => requests.length)).toEqual(before);
  });

  it("goes on where it was cut off, and where more is asked for, to the same end", async () => {
    const whole = await askUntil({ ...(await optionsFor("whole")), width: 0.25 });
    const stop = new AbortController();
    let heard = 0;
    const cut = askUntil({
      ...(await optionsFor("cut")),
      width: 0.25,
      signal: stop.signal,
      onProgress: ({ asked }) => asked > 100 && ++heard === 20 && stop.abort(new Error("enough")),
    });
    await expect(cut).rejects.toThrow("enough");
    const short = await askUntil({ ...(await optionsFor("cut")), width: 0.25, most: 90 });
    expect(short).toMatchObject({ asked: 90, reached: false });
    expect(await askUntil({ ...(await optionsFor("cut")), width: 0.25 })).toEqual(whole);
    const ids = async (name: string) => new Set((await lines(join(folder, name))).map(({ id }) => id));
    expect(await ids("cut.jsonl")).toEqual(await ids("whole.jsonl"));
    expect(await ids("cut.judgments.jsonl")).toEqual(await ids("whole.judgments.jsonl"));
  });

  it("counts all answers under rateOfAll, and leaves incoherent ones out of the rate", async () => {
    const of = "rateOfAll" as const;
    const all = await askUntil({ ...(await optionsFor("all")), of });
    expect(all.n).toBe(all.asked);
    expect((all.estimate ?? 0) * all.n).toBeCloseTo(Math.round((all.estimate ?? 0) * all.n), 9);
  });

  it("learns nothing of the rate from code, and goes on to the end", async () => {
    const options = { ...(await optionsFor("silent", silent)), most: 130 };
    await expect(askUntil(options)).resolves.toMatchObject({ asked: 130, reached: false, n: 0, low: 0, high: 1 });
  });

  it("gives up on a judge without scores at the first look, before more is spent", async () => {
    const options = await optionsFor("unread", model); // it answers, and no number
    await expect(askUntil(options)).rejects.toThrow(JudgeError);
    expect(await lines(options.answers)).toHaveLength(64);
  });
});
