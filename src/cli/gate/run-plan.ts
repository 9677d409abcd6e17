/** Carries a gate's plan out in a terminal: progress, files, page, JSON and exit code. */
import { runGate, type GateForecast, type GateForeseen, type GatePlan, type GateRun } from "../../gate/index.js";
import { askewCommand, CountProgress, printJson, typedCommand } from "../../terminal/index.js";
import { counted, printable, type JsonKind } from "../../text/index.js";
import { gateForecastLines, writeGatePage } from "../../views/index.js";
import { failures } from "../answers/failures.js";
import { exitCodeOf } from "../audit/exit-code.js";
import { say, stoppable } from "../models/open-model.js";
import { thisCommand } from "../run/this-command.js";
import type { GateOptions, ShortForm } from "./gate-plan.js";
import { postToSlack } from "./slack.js";

interface ShownPlan {
  /** The envelope of --json. */
  readonly kind: JsonKind;
  /** The run's folder lies there unless the user says otherwise. */
  readonly parent?: string;
  readonly show: (made: GateRun, page: string) => string;
}

/** Runs a plan, or carries on with it; prints what it comes to, and sets the exit code. */
export async function runPlan(
  plan: GatePlan,
  options: Omit<GateOptions, keyof ShortForm>,
  { kind, parent, show }: ShownPlan,
): Promise<void> {
  const {
    json = false,
    dryRun = false,
    showText = false,
    concurrency,
    cache,
    without,
    limitName,
    slackWebhookEnv: slack,
  } = options;
  const post = slack === undefined ? undefined : postToSlack(slack);
  const failed = failures("question", "could not be answered or judged");
  await stoppable(async (signal) => {
    const progress = new CountProgress(process.stderr, "answers at most", () => cost);
    let cost: string | undefined;
    try {
      const made = await runGate(plan, {
        out: options.out,
        parent,
        asking: {
          ...(concurrency !== undefined && { concurrency }),
          ...(cache !== undefined && { cache }),
          ...(without && { without }),
          ...(limitName && { limitName }),
        },
        study: options.study,
        threads: options.threads,
        signal,
        command: thisCommand(),
        dryRun,
        showText,
        onNotice: (line) => progress.keep(line),
        onForecast: (found) => progress.keep(gateForecastLines(found).trimEnd()),
        onFailure: (id, error) => failed.hear(id, error),
        onProgress: ({ cost: spent, ...now }) => {
          cost = spent;
          progress.hear(now);
        },
      });
      progress.close();
      if ("forecast" in made) return printForeseen(made, json);
      const page = await writeGatePage(made, `${askewCommand()} ${typedCommand()}`);
      if (json) printJson(kind, { folder: made.folder, page, ...made.verdict });
      else process.stdout.write(show(made, page));
      if (failed.count > 0) say(`${counted(failed.count, "question")} could not be answered or judged.`);
      process.exitCode = exitCodeOf(made.verdict.outcome);
      await post?.(made.folder);
    } finally {
      progress.close();
    }
  });
}

function printForeseen({ files, reader, forecast }: GateForeseen, json: boolean): void {
  if (json) {
    printJson("gate-forecast", forecast ?? NOTHING);
    return;
  }
  const by = reader === undefined ? "" : `, also by ${printable(reader)}`;
  for (const { file, rows, unreadable } of files) {
    const bad = unreadable === 0 ? "" : `; ${counted(unreadable, "row")} cannot be read`;
    process.stdout.write(`${printable(file)}: reads ${counted(rows, "conversation")}${by}${bad}.\n`);
  }
  process.stdout.write(forecast === undefined ? "No model is asked.\n" : gateForecastLines(forecast));
}

const NO_COST = { requests: 0, promptTokens: 0, answerTokens: 0, cost: 0 };
const NOTHING: GateForecast = { fewestPairs: 0, mostPairs: 0, tooFew: [], atFewest: NO_COST, atMost: NO_COST };
