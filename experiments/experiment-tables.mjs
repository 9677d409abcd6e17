// Prints the tables of docs/experiments.md from the summaries that `askew experiment` wrote:
//   node experiments/experiment-tables.mjs [runs/experiments]
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const [folder = "runs/experiments"] = process.argv.slice(2);

const share = (x) =>
  x
    .toFixed(3)
    .replace(/^0(?=\.)/, "")
    .replace(/^1\.000$/, "1.000");
const plain = (x) => x.toFixed(Math.abs(x) >= 10 ? 1 : 2).replace("-", "−");

function cell({ of }, metric, withN) {
  if (metric === undefined || metric.estimate === null) return "–";
  const text = typeof of === "object" && "reading" in of ? plain : share;
  const { estimate, low, high, n } = metric;
  return `${text(estimate)}${low === null ? "" : ` [${text(low)}, ${text(high)}]`}${withN ? ` n ${n.toLocaleString("en")}` : ""}`;
}

for (const name of (await readdir(folder)).toSorted()) {
  const text = await readFile(join(folder, name, "summary.json"), "utf8").catch(() => undefined);
  if (text === undefined) continue;
  const { about, axis, measures, points, trials, findings, seeds, base } = JSON.parse(text);
  const several = new Set(points.map(({ curve }) => curve)).size > 1;
  const chosen = points.some(({ candidate }) => candidate !== undefined);
  const head = [
    ...(several ? ["model"] : []),
    axis.label,
    ...(chosen ? ["chosen"] : []),
    ...measures.map(({ heading }) => heading),
  ];
  console.log(`\n## ${name}: ${about}\n\nseeds ${seeds.join(", ")}, weights ${base.slice(0, 12)}…\n`);
  console.log(`| ${head.join(" | ")} |\n|${"---|".repeat(head.length)}`);
  for (const { curve, at, candidate, metrics } of points) {
    const row = [
      ...(several ? [curve] : []),
      `${at}${axis.unit ?? ""}`,
      ...(chosen ? [candidate ?? ""] : []),
      ...measures.map((measure, i) => cell(measure, metrics[measure.key], i === 0 || i === 1)),
    ];
    console.log(`| ${row.join(" | ")} |`);
  }
  for (const { arm, candidate, metrics } of trials) {
    console.log(
      `trial ${arm} ${candidate}: of all ${cell({ of: {} }, metrics.rateOfAll)}, coherent ${cell({ of: {} }, metrics.coherent)}`,
    );
  }
  for (const finding of findings) console.log(`\n${finding}`);
}
