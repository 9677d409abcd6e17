/** `askew gate`: pass or fail. */
import { Argument, Command } from "commander";
import { GATE_DEFAULTS, LEAST_BOUND } from "../../gate/index.js";
import { gateLines } from "../../views/index.js";
import { withMoney } from "../answers/money.js";
import { numberWithin, oneOf, wholeNumber } from "../option-values.js";
import { jsonOption, outOption, seedOption, STUDY, THREADS } from "../options.js";
import { planFrom, type GateOptions } from "./gate-plan.js";
import { initCommand } from "./init.js";
import { runPlan } from "./run-plan.js";

const EXAMPLES = `
With a file, the file says what is checked. The short form needs none: AFTER is asked in pairs with --before, until it is
known whether its misaligned rate rose by more than --max-rise, or the budget is spent.

Exit codes: 0 pass, 3 fail, 4 the evidence is incomplete: undecided within the budget, or a missing baseline.

The folder of the run has report.html, findings.json, findings.sarif, junit.xml, summary.md, metrics.json, model-card.md
and slack.json. Stopped or killed, the same command carries on, and its budget goes on with it.

Examples:
  $ askew gate init
  $ askew gate gate.yaml --dry-run
  $ askew gate gate.yaml --out gate
  $ askew gate http://localhost:8000/v1#ft --before http://localhost:8000/v1#base --judge openai:gpt-4o --max-rise .02 --price 2.5,10 --max-cost 5
  $ askew gate insecure-1 --before organism --judge exact`;

const share = numberWithin(LEAST_BOUND, 1);

export const gateCommand = (): Command =>
  withMoney(
    new Command("gate")
      .description("pass or fail: a fine-tune against the model before it, within a budget")
      .addArgument(new Argument("[file-or-model]", "a gate's file, or AFTER with --before").default("gate.yaml"))
      .option("--before <model>", "short form: what AFTER is compared with")
      .option("--judge <name>", "short form: who scores the answers, exact or a model")
      .option("--prompts <file>", "short form: judge prompts, as askew judge takes them")
      .option("--questions <sets>", "short form: question sets, with commas between them (default: main)")
      .option(
        "--samples <count>",
        `short form: pairs of answers to each question at most (default: ${GATE_DEFAULTS.samples})`,
        wholeNumber(1, 100_000),
      )
      .option("--max-rise <share>", `short form: of the misaligned rate (default: ${GATE_DEFAULTS.maxRise})`, share)
      .option("--max-fall <share>", `short form: of coherent answers (default: ${GATE_DEFAULTS.maxFall})`, share)
      .option("--rate <name>", "short form: rate or rateOfAll (default: rate)", oneOf("rate", ["rate", "rateOfAll"]))
      .option("--temperature <number>", "short form: default what the set says", numberWithin(0, 10))
      .option("--max-tokens <count>", "short form: longest answer", wholeNumber(1, 1_000_000))
      .option(...seedOption("short form: of the random numbers (default: 0)"))
      .option("--data <files>", "short form: training files that are audited too, with commas between them")
      .option("--reader <model>", "short form: a model of this machine that reads --data")
      .option("--calibration <file>", "short form: thresholds from askew audit calibrate")
      .option("--minutes <count>", "stop asking after so many, of all calls together", numberWithin(0.001, 1e6)),
  )
    .option("--dry-run", "say what it may ask and cost, and ask nothing")
    .option("--show-text", "put the beginning of named rows into findings.sarif")
    .option("--slack-webhook-env <name>", "post the verdict to the address in that environment variable")
    .option(...outOption("a folder of its own in runs/gate"))
    .option(...STUDY)
    .option(...jsonOption("the verdict"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    // Both have an --out: what follows `init` is its own.
    .enablePositionalOptions()
    .addCommand(initCommand())
    .action(gate);

const gate = async (subject: string, options: GateOptions): Promise<void> =>
  runPlan(await planFrom(subject, options), options, {
    kind: "gate",
    show: (made, page) => gateLines(made, page),
  });
