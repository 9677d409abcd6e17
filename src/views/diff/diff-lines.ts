/** The result of a diff, for the terminal. */
import { join } from "node:path";
import { chanceCosine, type LatentCard, type Ranked, type SideEffect } from "../../persona/index.js";
import type { Estimate } from "../../statistics/index.js";
import { colorsOf, plainTable, widthOf } from "../../terminal/index.js";
import { left, right, wrap, type Column } from "../../layout/index.js";
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
    ...layerTable(shown, dim),
    "",
    ...(ranked.length === 0
      ? risingTable(shown, dim)
      : [
          dim(
            `${candidates} candidates were steered after layer ${plan.layer}; these came through, on ${plan.questions.set} questions`,
          ),
          ...rankTable(ranked, dim),
          ...wrap(
            "caused: added to BEFORE; left: subtracted from AFTER; misaligned in % of coherent answers, with Wilson's 95 % interval; random: a random vector of the same length. ✕ more answers incoherent than was asked for.",
            width,
          ).map((line) => dim(line)),
        ]),
    ...(shown.adapter ? ["", ...adapterTable(shown, dim)] : []),
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

function layerTable({ plan, result }: DiffShown, dim: Paint): string[] {
  const { layers, shift } = result.activations;
  const along = layers[0]?.direction === undefined ? [] : layers.map(({ direction }) => direction);
  return [
    ...plainTable([
      left("layer", 9, layers, ({ layer }) => `${layer}${layer === plan.layer ? " ←" : ""}`),
      right("mean shift", 8, layers, (one) => one.shift.toFixed(2)),
      right("% of the stream", 7, layers, (one) => ((100 * one.shift) / one.residual).toFixed(0)),
      ...(along.length === 0
        ? []
        : [
            right("cosine with\nthe direction", 6, along, (one) => one?.cosine?.toFixed(2) ?? "–"),
            right("along it:\nbefore", 5, along, (one) => one?.before.toFixed(2) ?? "–"),
            right("after", 4, along, (one) => one?.after.toFixed(2) ?? "–"),
            right("its length", 3, along, (one) => one?.length.toFixed(2) ?? "–"),
          ]),
    ]),
    dim(`two random directions have a cosine of ${chanceCosine(shift.length).toFixed(2)} on average`),
  ];
}

function risingTable({ result }: DiffShown, dim: Paint): string[] {
  const { rising, risen } = result.activations;
  if (rising.length === 0) return [dim("No autoencoder was given, and nothing was steered.")];
  const first = rising.slice(0, 10);
  return [
    dim(`${risen} latents rose; the first ${first.length}`),
    ...plainTable([
      right("latent", 4, first, ({ latent }) => `${latent}`),
      right("before", 2, first, ({ before }) => before.toFixed(3)),
      right("after", 2, first, ({ after }) => after.toFixed(3)),
      right("rise", 3, first, ({ before, after }) => (after - before).toFixed(3)),
    ]),
  ];
}

const share = ({ estimate }: Estimate): string => percent(estimate);
const ends = ({ low, high }: Estimate): string =>
  low === null || high === null ? "" : `[${percent(low)}, ${percent(high)}]`;

function rankTable(ranked: readonly Ranked[], dim: Paint): string[] {
  const side = (of: (one: Ranked) => SideEffect | null, heading: string, keep: number): Column[] => {
    const cell =
      (text: (effect: SideEffect) => string) =>
      (one: Ranked): string => {
        const effect = of(one);
        return effect === null ? "–" : text(effect);
      };
    return [
      right(
        heading,
        keep,
        ranked,
        cell(({ rate }) => share(rate)),
      ),
      left(
        "[low, high]",
        keep - 4,
        ranked,
        cell(({ rate }) => ends(rate)),
        dim,
      ),
      right(
        "n",
        keep - 6,
        ranked,
        cell(({ rate }) => `${rate.n}`),
      ),
      right(
        "coherent",
        keep - 5,
        ranked,
        cell(({ coherent, tooIncoherent }) => `${share(coherent)}${tooIncoherent ? " ✕" : ""}`),
      ),
      right(
        "random",
        keep - 3,
        ranked,
        cell(({ random }) => share(random.rate)),
      ),
      right(
        "strength",
        keep - 7,
        ranked,
        cell(({ strength }) => strength.toFixed(2)),
      ),
    ];
  };
  return plainTable([
    left("", 100, ranked, nameOf),
    right("score", 85, ranked, ({ score }) => score.toFixed(2)),
    ...side(({ into }) => into, "caused", 90),
    ...side(({ outOf }) => outOf, "left", 89),
    right("cosine,\nshift", 70, ranked, ({ cosine }) => cosine.shift?.toFixed(2) ?? "–"),
  ]);
}

function adapterTable({ adapter }: DiffShown, dim: Paint): string[] {
  if (adapter === undefined) return [];
  const { modules, rank, chance } = adapter;
  const names = [...new Set(modules.flatMap(({ inside }) => Object.keys(inside)))];
  return [
    dim(
      rank === 1
        ? `the adapter: |cosine| of B with each vector; a random one has ${chance.toFixed(2)}`
        : `the adapter, rank ${rank}: the share of each vector's length that lies in the span of B; of a random one ${chance.toFixed(2)}`,
    ),
    ...plainTable([
      left("module", 9, modules, ({ module }) => module.replace(/^model\./, "")),
      right("size", 5, modules, ({ size }) => size.toFixed(3)),
      ...names.map((name, i) => right(name, 8 - i, modules, ({ inside }) => inside[name]?.toFixed(2) ?? "–")),
    ]),
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
