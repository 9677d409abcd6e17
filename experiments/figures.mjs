// Draws the figures of the README and of docs/experiments.md from finished runs, as SVG that follows light and dark:
//   node experiments/figures.mjs [runs/reproduce] [runs/experiments] [docs/figures]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chartFigure, headlineFigure } from "#internal/report";

const [study = "runs/reproduce", experiments = "runs/experiments", out = "docs/figures"] = process.argv.slice(2);

// An image has no page around it that would set its colours.
const STYLE =
  "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3;--askew-paper:#0d1117}}</style>";

/** Drawings below each other, as one image. */
function stacked(drawings) {
  const sizes = drawings.map((svg) => /width="(\d+)" height="(\d+)"/.exec(svg).slice(1).map(Number));
  const width = Math.max(...sizes.map(([wide]) => wide));
  let y = 0;
  const placed = drawings.map((svg, i) => {
    const at = y;
    y += sizes[i][1];
    return svg.replace("<svg ", `<svg y="${at}" `);
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}">`;
  return `${head}${STYLE}${placed.join("")}</svg>\n`;
}

async function write(name, drawings) {
  const path = join(out, `${name}.svg`);
  await writeFile(path, stacked(drawings));
  console.log(path);
}

const summaryIn = async (folder) => JSON.parse(await readFile(join(folder, "summary.json"), "utf8"));

await mkdir(out, { recursive: true });
await write("headline", [headlineFigure(await summaryIn(study))]);

/** What a model was trained on, what it is inside, and what it says. */
const PANELS = ["trained", "persona", "rate"];
for (const name of ["dynamics", "mixtures"]) {
  const { measures, points, axis } = await summaryIn(join(experiments, name));
  const shown = { label: axis.label, unit: axis.unit ?? "", kind: axis.kind };
  const drawings = PANELS.map((key, i) => {
    const { heading, of } = measures.find((measure) => measure.key === key);
    const unit = typeof of === "object" && "reading" in of ? "number" : "share";
    return chartFigure({ key, heading, unit, drawn: true }, { points, axis: shown }, { last: i === PANELS.length - 1 });
  });
  await write(name, drawings);
}
