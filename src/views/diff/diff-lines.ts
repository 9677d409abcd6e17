/** What a diff found, in a terminal. */
import { join } from "node:path";
import { chanceCosine, type LatentCard, type Ranked, type SideEffect } from "../../persona/index.js";
import type { Estimate } from "../../statistics/index.js";
import { colorsOf, widthOf } from "../../terminal/index.js";
import { layColumns, wrap, type Column } from "../../layout/index.js";
import { percent, printable } from "../../text/index.js";
import type { DiffShown } from "../../lab/index.js";
import { bestTexts, namedAurocs, nameOf, verdictSentences } from "./words.js";

/** Ends with a newline. */
export function diffLines(shown: DiffShown, page: string): string {
  const { before, after, plan, result, folder, cards, seconds } = shown;
  const { bold, dim } = colorsOf(process.stdout);
  const width = widthOf(process.stdout);
  const { activations, ranked, final, candidates } = result;
  const counted = (counts: typeof activations.before): string =>
    `${percent(counts.coherent === 0 ? null : counts.misaligned / counts.coherent)} % misaligned of ${counts.coherent} coherent`;
  const told = final === undefined ? undefined : cards.find(({ latent }) => `latent-${latent}` === final.id);
  return `${[
    bold(`${before}  →  ${after}`),
    dim(`${plan.questions.set} questions: before ${counted(activations.before)}, after ${counted(activations.after)}`),
    "",
    ...layerTable(shown, width, dim),
    "",
    ...(ranked.length === 0
      ? risingTable(shown, width, dim)
      : [
          dim(
            `${candidates} candidates were steered after layer ${plan.layer}; these came through, on ${plan.questions.set} questions`,
          ),
          ...rankTable(ranked, width, dim),
          ...wrap(
            "caused: added to BEFORE; left: subtracted from AFTER; misaligned in % of coherent answers, with Wilson's 95 % interval; random: a random vector of the same length. ✕ more answers incoherent than was asked for.",
            width,
          ).map((line) => dim(line)),
        ]),
    ...(shown.adapter ? ["", ...adapterTable(shown, width, dim)] : []),
    ...(final
      ? [
          "",
          ...verdictSentences(shown, final).flatMap((line, i) =>
            wrap(i === 0 ? line : line, width).map((part) => (i === 0 ? bold(part) : part)),
          ),
        ]
      : []),
    ...(told ? ["", ...cardLines(told, width, dim)] : []),
    "",
    ...(shown.again.length > 0 ? [dim("steer with it, at more strengths or elsewhere"), ...shown.again, ""] : []),
    `${dim("rows")}  ${join(folder, "rows.jsonl")}`,
    `${dim("page")}  ${page}`,
    dim(`${seconds.toFixed(0)} s`),
  ].join("\n")}\n`;
}

type Paint = (text: string) => string;

function laidOut(columns: readonly Column[], width: number, dim: Paint): string[] {
  const { heading, rows } = layColumns(columns, width);
  return [...heading.map((line) => dim(line)), ...rows.map((row) => row.trimEnd())];
}

function layerTable({ plan, result }: DiffShown, width: number, dim: Paint): string[] {
  const { layers, shift } = result.activations;
  const along = layers.map(({ direction }) => direction);
  const column = (heading: string, cells: readonly string[], keep: number): Column => ({
    heading,
    cells,
    align: "right",
    keep,
  });
  return [
    ...laidOut(
      [
        {
          heading: "layer",
          cells: layers.map(({ layer }) => `${layer}${layer === plan.layer ? " ←" : ""}`),
          align: "left",
          keep: 9,
        },
        column(
          "mean shift",
          layers.map((one) => one.shift.toFixed(2)),
          8,
        ),
        column(
          "% of the stream",
          layers.map((one) => ((100 * one.shift) / one.residual).toFixed(0)),
          7,
        ),
        ...(along[0] === undefined
          ? []
          : [
              column(
                "cosine with\nthe direction",
                along.map((one) => one?.cosine?.toFixed(2) ?? "–"),
                6,
              ),
              column(
                "along it:\nbefore",
                along.map((one) => one?.before.toFixed(2) ?? "–"),
                5,
              ),
              column(
                "after",
                along.map((one) => one?.after.toFixed(2) ?? "–"),
                4,
              ),
              column(
                "its length",
                along.map((one) => one?.length.toFixed(2) ?? "–"),
                3,
              ),
            ]),
      ],
      width,
      dim,
    ),
    dim(`two random directions have a cosine of ${chanceCosine(shift.length).toFixed(2)} on average`),
  ];
}

function risingTable({ result }: DiffShown, width: number, dim: Paint): string[] {
  const { rising, risen } = result.activations;
  if (rising.length === 0) return [dim("No autoencoder was given, and nothing was steered.")];
  const first = rising.slice(0, 10);
  const number = (heading: string, values: readonly number[], keep: number): Column => ({
    heading,
    cells: values.map((x) => x.toFixed(3)),
    align: "right",
    keep,
  });
  return [
    dim(`${risen} latents rose; the first ${first.length}`),
    ...laidOut(
      [
        { heading: "latent", cells: first.map(({ latent }) => `${latent}`), align: "right", keep: 4 },
        number(
          "before",
          first.map((one) => one.before),
          2,
        ),
        number(
          "after",
          first.map((one) => one.after),
          2,
        ),
        number(
          "rise",
          first.map((one) => one.after - one.before),
          3,
        ),
      ],
      width,
      dim,
    ),
  ];
}

const share = ({ estimate }: Estimate): string => percent(estimate);
const ends = ({ low, high }: Estimate): string =>
  low === null || high === null ? "" : `[${percent(low)}, ${percent(high)}]`;

function rankTable(ranked: readonly Ranked[], width: number, dim: Paint): string[] {
  const side = (of: (one: Ranked) => SideEffect | null, heading: string, keep: number): Column[] => {
    const cells = (text: (effect: SideEffect) => string): string[] =>
      ranked.map((one) => {
        const effect = of(one);
        return effect === null ? "–" : text(effect);
      });
    const right = (name: string, text: (effect: SideEffect) => string, less: number): Column => ({
      heading: name,
      cells: cells(text),
      align: "right",
      keep: keep - less,
    });
    return [
      right(heading, ({ rate }) => share(rate), 0),
      { heading: "[low, high]", cells: cells(({ rate }) => ends(rate)), align: "left", keep: keep - 4, paint: dim },
      right("n", ({ rate }) => `${rate.n}`, 6),
      right("coherent", ({ coherent, tooIncoherent }) => `${share(coherent)}${tooIncoherent ? " ✕" : ""}`, 5),
      right("random", ({ random }) => share(random.rate), 3),
      right("strength", ({ strength }) => strength.toFixed(2), 7),
    ];
  };
  return laidOut(
    [
      { heading: "", cells: ranked.map(nameOf), align: "left", keep: 100 },
      { heading: "score", cells: ranked.map(({ score }) => score.toFixed(2)), align: "right", keep: 85 },
      ...side(({ into }) => into, "caused", 90),
      ...side(({ outOf }) => outOf, "left", 89),
      {
        heading: "cosine,\nshift",
        cells: ranked.map(({ cosine }) => cosine.shift?.toFixed(2) ?? "–"),
        align: "right",
        keep: 70,
      },
    ],
    width,
    dim,
  );
}

function adapterTable({ adapter }: DiffShown, width: number, dim: Paint): string[] {
  if (adapter === undefined) return [];
  const { modules, rank, chance } = adapter;
  const names = [...new Set(modules.flatMap(({ inside }) => Object.keys(inside)))];
  return [
    dim(
      rank === 1
        ? `the adapter: |cosine| of B with each vector; a random one has ${chance.toFixed(2)}`
        : `the adapter, rank ${rank}: the share of each vector's length that lies in the span of B; of a random one ${chance.toFixed(2)}`,
    ),
    ...laidOut(
      [
        {
          heading: "module",
          cells: modules.map(({ module }) => module.replace(/^model\./, "")),
          align: "left",
          keep: 9,
        },
        { heading: "size", cells: modules.map(({ size }) => size.toFixed(3)), align: "right", keep: 5 },
        ...names.map((name, i): Column => ({
          heading: name,
          cells: modules.map(({ inside }) => inside[name]?.toFixed(2) ?? "–"),
          align: "right",
          keep: 8 - i,
        })),
      ],
      width,
      dim,
    ),
  ];
}

function cardLines(card: LatentCard, width: number, dim: Paint): string[] {
  return [
    `${dim("promotes")}  ${wrap(card.promotes.map(([token]) => printable(token)).join(", "), width - 10, 10).join("\n")}`,
    `${dim("tells")}     ${wrap(namedAurocs(card), width - 10, 10).join("\n")}`,
    dim("most active on"),
    ...bestTexts(card, 3).flatMap(({ text, label }) => wrap(`  ${label === "" ? "" : `${label}: `}${text}`, width, 4)),
  ];
}
