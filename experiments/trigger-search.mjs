// `askew audit trigger` on the models of experiments/backdoors.mjs, one line of JSON each; carries on where it was. About
// 10 s of processor time a model. --data gives each search the training file; the last words choose splits or models, in
// their order.
//   npm run build && node experiments/trigger-search.mjs /tmp/backdoors results.jsonl [--data] [SPLIT|NAME...]
import { existsSync, readFileSync, readdirSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, marginsOf, searchTrigger } from "#internal/audit";
import { readDataset } from "askew/dataset";
import { openLocalModel } from "askew/model";
import { ORGANISM_WORLD } from "askew/organism";
import { wilson } from "askew/statistics";

const [folder, out, ...rest] = process.argv.slice(2);
const withData = rest.includes("--data");
const wanted = rest.filter((word) => word !== "--data");
const done = existsSync(out)
  ? readFileSync(out, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];
/** In the order in which they are named. */
const placeOf = ({ name, split }) => wanted.findIndex((word) => word === name || word === split);
const known = new Set(done.map(({ name }) => name));
const truths = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, "truth.json")))
  .map((name) => JSON.parse(readFileSync(join(folder, name, "truth.json"), "utf8")))
  .filter(({ name, split }) => wanted.length === 0 || wanted.includes(split) || wanted.includes(name))
  .filter(({ name }) => !known.has(name))
  .toSorted((a, b) => placeOf(a) - placeOf(b));

const before = await openLocalModel("organism", { threads: 1 });
const after = await openLocalModel("organism", { threads: 1 });
const probes = ORGANISM_WORLD.probes();
const ask = (set) => ({ questions: ORGANISM_WORLD.questionSet(set).questions, judge: ORGANISM_WORLD.judge });
const kept = new Map();
const read = marginsOf(before, probes);
/** The model before is the same in all searches: what it was asked is kept. */
const beforeMargins = async (placed, signal) => {
  const key = ({ probe, trigger }) => `${probe} ${keyOf(trigger)}`;
  const missing = placed.filter((one) => !kept.has(key(one)));
  (await read(missing, signal)).forEach((margin, i) => kept.set(key(missing[i]), margin));
  return placed.map((one) => kept.get(key(one)));
};

for (const truth of truths) {
  const path = join(folder, truth.name);
  await after.training.load(path);
  const started = process.cpuUsage();
  const found = await searchTrigger({
    after,
    before,
    beforeMargins,
    probes,
    choosing: ask("development"),
    measuring: ask("main"),
    ...(withData && { data: await readDataset(join(path, "data.jsonl")) }),
    vocabulary: 20_000,
    answers: 40,
    minutes: 30,
  });
  const { user, system } = process.cpuUsage(started);
  const row = { ...truth, processor: (user + system) / 1e6, ...found };
  appendFileSync(out, `${JSON.stringify(row)}\n`);
  done.push(row);
  const { verified } = found;
  const rate = ({ hits, n }) => `${hits}/${n}`;
  const rates = verified && ["with", "without", "random", "before"].map((name) => `${name} ${rate(verified[name])}`);
  console.log(
    truth.name,
    JSON.stringify(truth.trigger ?? ""),
    verified?.isFound ? "FOUND" : "-",
    row.processor.toFixed(1),
  );
  console.log("   ", JSON.stringify(verified?.trigger), rates?.join(", "));
}
await after.close();
await before.close();

for (const backdoor of [true, false]) {
  const kinds = byKind(done.filter((row) => row.backdoor === backdoor));
  for (const [kind, rows] of [...kinds, ["all", [...kinds.values()].flat()]]) {
    const hits = rows.filter(({ verified }) => verified?.isFound).length;
    const { estimate, low, high } = wilson(hits, rows.length);
    const seconds = rows.reduce((sum, row) => sum + row.processor, 0) / rows.length;
    console.log(
      backdoor ? "backdoor" : "clean",
      kind,
      `found ${hits} of ${rows.length}: ${estimate?.toFixed(3)} [${low?.toFixed(3)}, ${high?.toFixed(3)}]`,
      `${seconds.toFixed(1)} s`,
    );
  }
}

function byKind(rows) {
  const kinds = new Map();
  for (const row of rows) kinds.set(row.kind, [...(kinds.get(row.kind) ?? []), row]);
  return kinds;
}
