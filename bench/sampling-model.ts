/** A model of the user's, sampled greedily by askew and by transformers in turns: answers of full length. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadavg } from "node:os";
import { OnnxModel } from "askew/onnx";
import { Sampler } from "#internal/onnx";
import { machine, median, option, report } from "./measure.js";

interface Timing {
  /** Seconds by the clock, and of processor time. */
  readonly clock: number;
  readonly processor: number;
  readonly ids: readonly (readonly number[])[];
}

const PROMPT = 24;

export async function compareSampling(path: string, python: string | undefined): Promise<void> {
  const threads = option("threads", 2);
  const tokens = option("tokens", 64);
  const repeats = option("repeats", 3);
  const start = { clock: performance.now(), processor: processorTime() };
  const model = await OnnxModel.open("model", path, { threads });
  const opened = seconds(start);
  const openedBytes = process.resourceUsage().maxRSS * 1e3;
  const { config } = model.folder;
  const most = option("rows", 32);
  const prompts = Array.from({ length: most }, (_, row) =>
    Array.from({ length: PROMPT }, (_token, i) => (row * 31 + i * 7) % config.vocabSize),
  );
  const sampler = (rows: number): Sampler =>
    new Sampler({ engine: model.engine, config, scope: "model", rows: [rows] });
  const ours = new Map([most, 1].map((rows) => [rows, sampler(rows)]));
  const sample = async (rows: number): Promise<Timing> => {
    const before = { clock: performance.now(), processor: processorTime() };
    const given = prompts.slice(0, rows).map((ids, row) => ({ ids, seed: `${row}` }));
    const answers = await ours.get(rows)?.sample(given, { temperature: 0, maxTokens: tokens, stop: [] });
    return { ...seconds(before), ids: answers?.map(({ ids }) => ids) ?? [] };
  };
  const peer = python === undefined ? undefined : startPeer(python, [path, threads, JSON.stringify(prompts), tokens]);
  const lines: [string, string][] = [
    [
      "opening",
      `${opened.clock.toFixed(1)} s, ${opened.processor.toFixed(1)} s of the processor, ${(openedBytes / 1e9).toFixed(2)} GB at most`,
    ],
  ];
  const results: object[] = [];
  for (const rows of ours.keys()) {
    const pairs: { own: Timing; other: Timing | undefined }[] = [];
    // The first round compiles.
    for (let round = 0; round <= repeats; round++) {
      const own = await sample(rows);
      const other = await peer?.(rows);
      if (round > 0) pairs.push({ own, other });
    }
    const of = (pick: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(pick));
    const name = `${rows} × ${tokens} tokens`;
    lines.push([
      name,
      `${of(({ own }) => own.clock).toFixed(2)} s, ${of(({ own }) => own.processor).toFixed(2)} s of the processor`,
    ]);
    const result = {
      rows,
      pairs: pairs.map(({ own, other }) => ({ own: timeOf(own), other: other && timeOf(other) })),
    };
    results.push(result);
    if (peer === undefined) continue;
    const ratio = (key: "clock" | "processor"): string =>
      of(({ own, other }) => own[key] / (other?.[key] ?? Number.NaN)).toFixed(2);
    const equal = pairs[0]?.own.ids.filter((ids, row) => ids.join() === pairs[0]?.other?.ids[row]?.join()).length;
    lines.push([
      `${name}, of transformers' time`,
      `${ratio("clock")} by the clock, ${ratio("processor")} of the processor; ${equal} of ${rows} answers equal`,
    ]);
  }
  lines.push([
    "other work on the machine",
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}`,
  ]);
  await model.close();
  report(`greedy sampling, prompts of ${PROMPT}, ${threads} threads; ${machine()}`, lines, {
    opened,
    openedBytes,
    results,
  });
}

const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const seconds = (since: { clock: number; processor: number }): { clock: number; processor: number } => ({
  clock: (performance.now() - since.clock) / 1e3,
  processor: processorTime() - since.processor,
});

const timeOf = ({ clock, processor }: Timing): object => ({ clock, processor });

/** Samples so many rows; it ends with this process. */
type Peer = (rows: number) => Promise<Timing>;

function startPeer(python: string, given: readonly (string | number)[]): Peer {
  const script = fileURLToPath(new URL("../bench/sampling_transformers.py", import.meta.url));
  const child = spawn(python, [script, ...given.map(String)], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await answers.next();
    if (done === true) throw new Error("transformers ended without an answer");
    return value;
  };
  const ready = next().then((versions) => console.log(versions));
  return async (rows) => {
    await ready;
    child.stdin.write(`${rows}\n`);
    return JSON.parse(await next()) as Timing;
  };
}
