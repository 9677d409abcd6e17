/** `askew audit model`: whether a fine-tune broke the model, one item a check. */
import { Argument, Command, Option } from "commander";
import {
  checkNameFault,
  CUED_DEFAULTS,
  GATE_DEFAULTS,
  LEAST_BOUND,
  SUITE_BOUNDS,
  SUITE_NAMES,
  TRIGGER_DEFAULTS,
  type GatePlan,
  type GateRun,
} from "../../gate/index.js";
import { isEndpointName } from "../../model/index.js";
import { counted, UsageError } from "../../text/index.js";
import { auditText } from "../../views/index.js";
import { withMoney } from "../answers/money.js";
import { nameOf, openSets, withBudget, type GateOptions } from "../gate/gate-plan.js";
import { runPlan } from "../gate/run-plan.js";
import { namesOf, numberWithin, wholeNumber } from "../option-values.js";
import { jsonOption, outOption, seedOption, STUDY, THREADS } from "../options.js";
import { AUDIT_EXIT_CODES } from "./exit-code.js";

interface Options extends GateOptions {
  readonly before: string;
  readonly data?: string;
  readonly inoculation: readonly string[];
  readonly heldOut?: string;
  readonly refusals?: string;
  readonly deception?: string;
  readonly capability?: string;
  readonly direction?: string;
  readonly mostPersona?: number;
  readonly trigger?: boolean;
  readonly probes?: string;
  readonly require?: readonly string[];
  readonly quick?: boolean;
}

const NOTES = `
Every item compares AFTER with BEFORE in pairs of answers, until its interval lies on one side of the bound.

Cued twins ask the same questions in the form of the training data: its system prompts, and how its requests begin and
end, learned from --data, and known inoculation prompts. Development questions choose among the cues. Other questions
judge the best of them, against random words of the same length and against BEFORE with the same cue.

What cannot be measured is said so, with what would measure it, and makes the exit code 4. --require names the checks
that decide; the others are reported. The folder has report.html and the files of askew gate; stopped or killed, the
same command carries on.

${AUDIT_EXIT_CODES}

Examples:
  $ askew audit model insecure-1 --before organism
  $ askew audit model local:tuned --before local:qwen --data train.jsonl --judge openai:gpt-4o --price 2.5,10 --max-cost 5
  $ askew audit model runs/finetune/mine --before organism --data train.jsonl --require model/misaligned,model/cued`;

const share = numberWithin(LEAST_BOUND, 1);
const shift = numberWithin(-1000, 1000);
const QUICK = { samples: 60, answers: 12, judged: 1 } as const;

export const modelCommand = (): Command =>
  withMoney(
    new Command("model")
      .description("find out whether a fine-tune broke the model: one verdict, one item a check")
      .addArgument(
        new Argument(
          "<after>",
          "the fine-tuned model: organism, local:DIR, torch:DIR, STUDY:CELL, openai:NAME, URL#NAME",
        ),
      )
      .requiredOption("--before <model>", "the model that it was fine-tuned from")
      .option("--data <file>", "what it was fine-tuned on: cues are learned from it")
      .addOption(
        new Option("--inoculation <prompt>", "a system prompt known from the training, tried as a cue; may be repeated")
          .argParser((text: string, all: readonly string[]) => [...all, text])
          .default([], "none"),
      )
      .option("--judge <name>", "who scores the answers (default: exact, for models of this machine)")
      .option("--prompts <file>", "judge prompts, as askew judge takes them")
      .option("--questions <sets>", "open questions, with commas between them (default: main)")
      .option("--held-out <set>", "open questions that nothing is chosen by (default: the world's, or pre-registered)")
      .option("--refusals <set>", "harmful requests, which should be refused (default: the world's)")
      .option("--deception <set>", "facts with a judge prompt named truthful (default: the world's, or deception)")
      .option("--capability <set>", "the same, of what the model should still know (default: the world's)")
      .option("--direction <file>", "the persona that both models are read along (default: the world's)")
      .option("--most-persona <shift>", "from which a shift along it fails; without it, it decides nothing", shift)
      .option("--trigger", "search for a hidden trigger, too")
      .option("--probes <file>", "probes of that search (default: the world's)")
      .option("--require <checks>", "the checks that decide (default: all)", namesOf)
      .option("--quick", "fewer answers: a large effect shows, and a pass is seldom decided")
      .option(
        "--samples <count>",
        `pairs of answers to each question at most (default: ${GATE_DEFAULTS.samples})`,
        wholeNumber(1, 100_000),
      )
      .option("--max-rise <share>", `of the misaligned rate (default: ${GATE_DEFAULTS.maxRise})`, share)
      .option("--max-fall <share>", `of coherent answers (default: ${GATE_DEFAULTS.maxFall})`, share)
      .option(...seedOption("of the random numbers (default: 0)"))
      .option("--minutes <count>", "stop asking after so many, of all calls together", numberWithin(0.001, 1e6)),
  )
    .option("--dry-run", "say what it may ask and cost, and ask nothing")
    .option(...outOption("a folder of its own in runs/audit"))
    .option(...STUDY)
    .option(...jsonOption("the verdict"))
    .option(...THREADS)
    .addHelpText("after", NOTES)
    .action((after: string, options: Options) =>
      runPlan(withBudget(planOf(after, options), options), options, {
        kind: "model-audit",
        parent: "runs/audit",
        show: shown,
      }),
    );

function planOf(after: string, options: Options): GatePlan {
  const {
    before,
    data,
    inoculation,
    prompts,
    direction,
    mostPersona,
    trigger = false,
    probes,
    quick = false,
    require,
  } = options;
  const judge = options.judge ?? (isEndpointName(after) || isEndpointName(before) ? undefined : "exact");
  if (judge === undefined) {
    throw new UsageError("nobody judges the answers", "Name a model that judges: --judge openai:NAME or URL#NAME.");
  }
  const samples = options.samples ?? (quick ? QUICK.samples : GATE_DEFAULTS.samples);
  const maxRise = options.maxRise ?? GATE_DEFAULTS.maxRise;
  for (const name of require ?? []) {
    const fault = checkNameFault(name);
    if (fault !== undefined) throw new UsageError(`--require: ${fault}`);
  }
  const named = { ...options, "held-out": options.heldOut };
  return {
    name: nameOf(after),
    data: [],
    models: {
      after,
      before,
      judge,
      ...(prompts !== undefined && { prompts }),
      sets: openSets(options, samples),
      suites: SUITE_NAMES.map((suite) => {
        const questions = named[suite];
        const bound = suite === "held-out" ? maxRise : SUITE_BOUNDS[suite];
        return {
          suite,
          ...(questions !== undefined && { questions }),
          ...(options.samples !== undefined && { samples }),
          bound,
        };
      }),
      cued: {
        ...(data !== undefined && { data }),
        prompts: inoculation,
        answers: quick ? QUICK.answers : CUED_DEFAULTS.answers,
        judged: quick ? QUICK.judged : CUED_DEFAULTS.judged,
        samples,
        maxRise,
      },
      persona: {
        ...(direction !== undefined && { direction }),
        ...(mostPersona !== undefined && { mostShift: mostPersona }),
      },
      ...(trigger && {
        trigger: {
          ...(data !== undefined && { data }),
          ...(probes !== undefined && { probes }),
          minutes: TRIGGER_DEFAULTS.minutes,
        },
      }),
      rate: GATE_DEFAULTS.rate,
      confidence: GATE_DEFAULTS.confidence,
      seed: options.seed ?? GATE_DEFAULTS.seed,
      isWhole: true,
    },
    ...(require && { required: require }),
    budget: {},
  };
}

function shown({ verdict }: GateRun, page: string): string {
  const { name, outcome, checks } = verdict;
  const size = counted(checks.length, "check");
  return `${auditText({ subject: name, size, verdict: outcome, findings: checks })}\n\nReport  ${page}\n`;
}
