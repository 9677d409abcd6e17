/**
 * Two continuations of each prompt read together, as margins and the search for a trigger do, beside every text whole.
 *
 *   npm run bench:continuations -- [--model local:FILE.gguf] [--repeats 5]
 *
 * One thread. Processor time, in turns, so that other work on the machine counts little.
 */
import { openLocalModel } from "askew/model";
import { machine, median, option, report } from "./measure.js";

const repeats = option("repeats", 5);
const at = process.argv.indexOf("--model");
const name = at < 0 ? "organism" : (process.argv[at + 1] ?? "");
const [TEXTS, PROMPT, ANSWER] = [8, 62, 57];

const model = await openLocalModel(name, { threads: 1 });
const { vocabSize } = model.reading.shape;
const ids = (from: number, length: number): number[] =>
  Array.from({ length }, (_, i) => (31 * from + 7 * i) % Math.min(vocabSize, 500));
const texts = Array.from({ length: TEXTS }, (_, i) => ({
  prompt: ids(i, PROMPT),
  branches: [ids(i + 50, ANSWER), ids(i + 90, ANSWER)],
}));
const whole = texts.flatMap(({ prompt, branches }) => branches.map((branch) => [...prompt, ...branch]));

async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const pairs: { readonly together: number; readonly apart: number }[] = [];
for (let i = -1; i < repeats; i++) {
  const apart = await processorTime(() => model.reading.logProbabilities(whole));
  const together = await processorTime(() => model.reading.continuations(texts));
  if (i >= 0) pairs.push({ together, apart });
}
await model.close();
const ratio = median(pairs.map(({ together, apart }) => together / apart));
const [together, apart] = [median(pairs.map((pair) => pair.together)), median(pairs.map((pair) => pair.apart))];
report(
  `${name}: ${TEXTS} prompts of ${PROMPT} tokens, two continuations of ${ANSWER} each, 1 thread; ${machine()}`,
  [
    ["each text whole", `${apart.toFixed(0)} ms of processor time`],
    ["a prompt's together", `${together.toFixed(0)} ms`],
    ["ratio", ratio.toFixed(2)],
  ],
  { benchmark: "continuations", name, repeats, pairs, ratio },
);
