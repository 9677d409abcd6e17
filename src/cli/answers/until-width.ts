/** `askew ask --until-width`: asks and judges until enough is known. */
import type { Command } from "commander";
import { AnswerCache, type Account } from "../../endpoint/index.js";
import {
  askUntil,
  OwnWorld,
  type AnswerFormat,
  type Ask,
  type Asks,
  type AskUntilProgress,
  type SequentialRate,
} from "../../evaluation/index.js";
import { isEndpointName } from "../../model/index.js";
import { UsageError } from "../../text/index.js";
import { numberWithin, oneOf } from "../option-values.js";
import { askewCommand, colorsOf, printJson, quoted } from "../../terminal/index.js";
import { lockFile } from "../../store/index.js";
import { chooseQuestions, openJudges, type MoneyOptions, costOf, openAnyModel } from "../../lab/index.js";
import { counted } from "./counted.js";
import { failures } from "./failures.js";

export interface StoppingOptions {
  readonly untilWidth?: number;
  readonly widthOf?: SequentialRate;
  readonly judge?: string;
  readonly prompts?: string;
}

/** Options of both ways of asking. */
export interface AskOptions extends MoneyOptions, StoppingOptions {
  readonly questions: string;
  readonly samples?: number;
  readonly format: AnswerFormat;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly seed: number;
  readonly study?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const RATES = ["rate", "rateOfAll"] as const;

export const withStopping = (command: Command): Command =>
  command
    .option(
      "--until-width <share>",
      "stop once the rate's interval is that narrow, such as 0.05; needs --judge",
      numberWithin(0.001, 0.999),
    )
    .option("--width-of <rate>", `with --until-width: ${RATES.join(" or ")} (default: rate)`, oneOf("rate", RATES))
    .option("--judge <name>", "with --until-width: who judges, exact or a model")
    .option("--prompts <file>", "with --until-width: judge prompts, as askew judge takes them");

/** True when the user asked for the mode and gave everything that it needs. */
export function isStopping({ untilWidth, widthOf, judge, prompts }: StoppingOptions): boolean {
  if (untilWidth !== undefined) {
    if (judge !== undefined && !judge.includes(",")) return true;
    const found = judge === undefined ? "none is named" : "several are named";
    throw new UsageError(
      `--until-width needs one judge, and ${found}`,
      "Add --judge exact, or --judge with the name of a model.",
    );
  }
  const stray = Object.entries({ "--width-of": widthOf, "--judge": judge, "--prompts": prompts }).find(
    ([, value]) => value !== undefined,
  );
  if (stray === undefined) return false;
  throw new UsageError(
    `${stray[0]} goes with --until-width`,
    `Add --until-width 0.05, say; or judge what is stored with ${askewCommand()} judge.`,
  );
}

export async function askUntilNarrow(name: string, path: string, account: Account, options: AskOptions): Promise<void> {
  const { questions, samples, format, temperature, maxTokens, seed, json = false } = options;
  const { untilWidth: width = 0, widthOf: of = "rate", judge = "", prompts, study, threads, concurrency } = options;
  const { without, limitName } = options;
  const judgments = `${path.replace(/\.jsonl$/i, "")}.judgments.jsonl`;
  const [unanswered, unjudged] = [
    failures("question", "could not be answered"),
    failures("answer", "could not be judged"),
  ];
  let isRemote = isEndpointName(name);
  const cost = (): string | undefined => costOf(account, isRemote);
  const result = await counted({ things: "answers at most", path, cost }, async ({ signal, progress }) => {
    const lock = await lockFile(judgments);
    const cache = options.cache === undefined ? undefined : await AnswerCache.open(options.cache);
    const onNotice = (notice: string): void => progress.keep(notice);
    const means = { account, cache, signal, onNotice };
    const judging = {
      judge,
      ...(prompts !== undefined && { prompts }),
      ...(study !== undefined && { study }),
      ...(threads !== undefined && { threads }),
      ...(concurrency !== undefined && { concurrency }),
      ...(without && { without }),
      ...(limitName && { limitName }),
    };
    try {
      const opened = await openJudges(judging, means);
      try {
        isRemote ||= opened.isRemote;
        const model = await openAnyModel(name, { ...options, ...means });
        try {
          const asks = await chooseQuestions(model, questions, format, { seed, samples, temperature, maxTokens });
          const judgeOf = opened.judges[0] as (typeof opened.judges)[number];
          const world = new OwnWorld(judgeOf);
          for (const messages of wordingsOf(asks)) world.look(messages, "");
          world.require(questions);
          return await askUntil({
            model,
            modelName: name,
            seed,
            drawn: asks.drawn(),
            most: asks.count,
            width,
            of,
            judge: judgeOf,
            answers: path,
            judgments,
            signal,
            onProgress: ({ asked, most, failed }) => progress.hear({ done: asked, total: most, failed }),
            onUnanswered: ({ id }, error) => unanswered.hear(id, error),
            onUnjudged: (id, error) => unjudged.hear(id, error),
          });
        } finally {
          await model.close();
        }
      } finally {
        await opened.close();
      }
    } finally {
      await cache?.close();
      await lock.release();
    }
  });
  if (json) printJson("asked-until", told(result, { name, path, judgments, of, width, account }));
  else process.stdout.write(summary(result, { path, judgments, of, width, cost: cost() }));
  unanswered.conclude();
  unjudged.conclude();
}

/** Each once, however often it is asked. */
function* wordingsOf(asks: Asks): Generator<Ask["messages"], void> {
  const heard = new Set<string>();
  for (const { messages } of asks.requests()) {
    const text = messages.at(-1)?.content ?? "";
    if (heard.has(text)) continue;
    heard.add(text);
    yield messages;
  }
}

interface About {
  readonly name: string;
  readonly path: string;
  readonly judgments: string;
  readonly of: SequentialRate;
  readonly width: number;
  readonly account: Account;
}

function told(result: AskUntilProgress, { name, path, judgments, of, width, account }: About): object {
  const { asked, most, n, failed, estimate, low, high, reached } = result;
  return {
    model: name,
    file: path,
    judgments,
    [of]: { estimate, low, high, n, interval: "always-valid", confidence: 0.95 },
    width,
    reached,
    asked,
    saved: most - asked,
    planned: most,
    failed,
    ...account.spending,
  };
}

function summary(
  { asked, most, n, estimate, low, high, reached }: AskUntilProgress,
  {
    path,
    judgments,
    of,
    width,
    cost,
  }: Pick<About, "path" | "judgments" | "of" | "width"> & { cost?: string | undefined },
): string {
  const { bold, dim, cyan, yellow } = colorsOf(process.stdout);
  const said = (count: number): string => count.toLocaleString("en");
  const answers = (count: number): string => `${said(count)} ${count === 1 ? "answer" : "answers"}`;
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const rate = of === "rate" ? "misaligned of coherent" : "misaligned of all";
  const interval = `${estimate === null ? "–" : share(estimate)} ${rate} [${share(low)}, ${share(high)}]`;
  const lines = [
    `${bold(interval)}${dim(` · ${answers(n)} under it · 95 %, whenever one looks`)}`,
    reached
      ? `As narrow as asked (${share(width)}) after ${said(asked)} of ${answers(most)}: ${answers(most - asked)} saved, and their judgments.`
      : yellow(`Not as narrow as asked (${share(width)}) after all ${answers(most)}; more --samples go on from here.`),
    dim([`answers in ${path}`, `judgments in ${judgments}`, ...(cost === undefined ? [] : [cost])].join(" · ")),
    `Next: ${cyan(`${askewCommand()} score ${quoted(judgments)}`)}`,
  ];
  return `${lines.join("\n")}\n`;
}
