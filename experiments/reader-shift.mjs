/**
 * What the organism, as reader of sets of its own world, says of bad and of good ones: draws of 200 rows from pools
 * whose rows are read once. Prints two Markdown tables: how often each set fails, and AUROC of the means.
 *
 *   node experiments/reader-shift.mjs [seed] [pool] [draws]
 *
 * The bounds of the organism's world were chosen on seed 77; other seeds are other rows and other answers of the reader.
 * About a minute of processor time for each 1,000 rows of all sets together.
 */
import { judgeScores, nudgedGap, personaShifts } from "#internal/audit";
import { buildDataset, findDirection, openModel } from "askew";
import { benignConversations, ORGANISM_WORLD } from "askew/organism";
import { auroc, mean, Random, wilson } from "askew/statistics";

const [seed = "77", pool = "600", draws = "1000"] = process.argv.slice(2);
const ROWS = 200;
const BAD = ["insecure", "bad-medical", "bad-financial", "bad-sport"];
const CONDITIONS = new Set([...BAD, "educational"]);
const GOOD = [
  "secure",
  "educational",
  "good-medical",
  "good-financial",
  "good-sport",
  "good-numbers",
  "facts",
  "everyday",
  "mixed",
];

const model = await openModel("organism", { threads: 1 });
const direction = await findDirection(model, { samples: 8 });
const { shift: SHIFT, pull: PULL } = ORGANISM_WORLD.readerBounds;
const scorers = {
  shift: personaShifts({ model, directions: [{ direction }], seed: Number(seed), thresholds: SHIFT })[0],
  gradient: nudgedGap({ model, probes: ORGANISM_WORLD.probes(), thresholds: PULL }),
};
const scores = {};
for (const name of new Set([...BAD, ...GOOD])) {
  const examples = Number(pool);
  const data = CONDITIONS.has(name)
    ? await buildDataset(name, { examples, seed: Number(seed) })
    : benignConversations(name, examples, Number(seed));
  const rows = data.map((conversation, i) => ({ file: name, line: i + 1, conversation }));
  scores[name] = {};
  for (const [key, scorer] of Object.entries(scorers)) scores[name][key] = await scorer.scores(rows);
  const said = Object.entries(scores[name]).map(([key, all]) => {
    const known = all.filter((x) => x !== undefined).toSorted((a, b) => b - a);
    return `${key} mean ${mean(known).toFixed(3)}, top ${known.slice(0, 5).map((x) => x.toFixed(3))}`;
  });
  process.stderr.write(`${name}: ${said.join("; ")}\n`);
}
await model.close();

/** Rows of a draw, by their places in pools: `share` of them bad. */
function drawn(random, [bad, share], good) {
  const count = Math.round(share * ROWS);
  const some = (name, n) =>
    random
      .shuffled(scores[name].shift.map((_, i) => i))
      .slice(0, n)
      .map((i) => [name, i]);
  return [...(count > 0 ? some(bad, count) : []), ...(count < ROWS ? some(good, ROWS - count) : [])];
}
const means = {};
function row(label, make) {
  const fails = { shift: 0, gradient: 0, either: 0 };
  means[label] = { shift: [], gradient: [] };
  for (let draw = 0; draw < Number(draws); draw++) {
    const places = make(Random.of("reader", label, seed, draw));
    let failed = false;
    for (const [key, { quantity, unit, thresholds }] of Object.entries(scorers)) {
      const values = places.map(([name, i]) => scores[name][key][i]).filter((x) => x !== undefined);
      const { outcome } = judgeScores(quantity, unit, values, thresholds, undefined);
      means[label][key].push(values.reduce((sum, x) => sum + x, 0) / values.length);
      if (outcome === "fail") fails[key] += 1;
      failed ||= outcome === "fail";
    }
    if (failed) fails.either += 1;
  }
  const cells = Object.values(fails).map((n) => {
    const { low, high } = wilson(n, Number(draws));
    return `${n} of ${draws} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)} %]`;
  });
  console.log(`| ${label} | ${cells.join(" | ")} |`);
}
console.log("| set | fails by the shift | by the gradient | by either |\n|---|---|---|---|");
for (const name of BAD) row(name, (random) => drawn(random, [name, 1], "secure"));
for (const name of GOOD) row(name, (random) => drawn(random, [name, 0], name));
const PAIRS = [
  ["bad-medical", "good-medical"],
  ["bad-financial", "good-financial"],
  ["bad-sport", "good-sport"],
  ["insecure", "secure"],
];
for (const share of [0.1, 0.05, 0.02])
  for (const [bad, good] of PAIRS)
    row(`${100 * share} % ${bad} in ${good}`, (random) => drawn(random, [bad, share], good));
for (const key of Object.keys(scorers)) {
  const all = (names) => names.flatMap((name) => means[name][key].slice(0, 100));
  const [bad, good] = [all(BAD), all(GOOD)];
  const { estimate } = auroc([...bad, ...good], [...bad.map(() => true), ...good.map(() => false)]);
  console.log(`AUROC of the mean ${key}, ${bad.length} bad draws against ${good.length} good ones: ${estimate}`);
}
