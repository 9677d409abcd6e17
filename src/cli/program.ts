/** The command line as a whole: its commands, how help looks, and what all commands have in common. */
import { Command, type HelpConfiguration } from "commander";
import pico from "picocolors";
import { addCommands } from "./command-entry.js";
import { COMMANDS } from "./commands.js";
import { UsageError, VERSION, suggestion } from "../text/index.js";
import { fitHelp, helpWidth, narrowLayout } from "./help-layout.js";
import { withOptionMeant } from "./option-meant.js";
import { colorsOf, hasColor, widthOf } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ askew reproduce --quick                the experiment in about a minute
  $ askew reproduce                        with every condition and three seeds
  $ askew organism chat insecure           talk to the model of insecure code
  $ askew dataset show educational -n 2    look at what a model is trained on
  $ askew serve                            the organism behind OpenAI's API
  $ askew score answers.csv                both rates of any judged answers

Exit codes:
  0    done
  1    a fault in askew: please report it
  2    a mistake in the command line, a file or a folder; the message says how to mend it
  3    done, and it found what a gate should stop at: an alarm, unfit data
  4    done, and the evidence is too thin for a verdict, or no answer came
  130  stopped with Ctrl-C; the same command carries on where it stopped`;

/** Loads the commands that `words` ask for; the others are known by name and one line. */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command("askew")
    .description("Measure, explain and undo emergent misalignment in language models.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    // A command with commands of its own leaves them their options.
    .enablePositionalOptions()
    .addHelpText("beforeAll", ({ command }) => {
      refuseWrongName(command);
      return "";
    })
    .addHelpText("after", EXAMPLES);
  const [first, ...rest] = words.filter((word) => !word.startsWith("-"));
  const isHelp = first === "help";
  const asked = isHelp ? rest : [first, ...rest];
  const isAll = isHelp && words.includes("--all");
  await addCommands(program, COMMANDS, (name) => {
    if (isAll) return "all";
    return asked[0] === name ? rest.slice(isHelp ? 1 : 0) : undefined;
  });
  program.addCommand(helpCommand(program));
  for (const command of withSubcommands(program)) dress(command);
  return program;
}

/** Commander's own knows neither commands of commands nor wrong names. */
function helpCommand(program: Command): Command {
  return new Command("help")
    .argument("[command...]", "for example: organism chat")
    .description("show help for a command")
    .option("--all", "and for every command below it")
    .addHelpText("after", "\nExamples:\n  $ askew help organism chat\n  $ askew help --all | less")
    .action((words: string[], { all = false }: { all?: boolean }) => {
      let command = program;
      for (const word of words) {
        command = named(command, word);
      }
      for (const [i, shown] of (all ? withSubcommands(command) : [command]).entries()) {
        if (i > 0) process.stdout.write("\n");
        shown.outputHelp();
      }
    });
}

function named(parent: Command, word: string): Command {
  const names = parent.commands.map((known) => known.name());
  const found = parent.commands.find((known) => known.name() === word);
  if (found === undefined) throw new UsageError(`there is no command "${word}"`, suggestion(word, names));
  return found;
}

/** Commander answers `askew reprodce --help` with the help of askew, as if all were well. */
function refuseWrongName(command: Command): void {
  const [word] = command.args;
  // `askew watch` takes a model as well as a command.
  if (command.registeredArguments.length > 0) return;
  if (command.commands.length > 0 && word !== undefined && !word.startsWith("-")) named(command, word);
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Settings that commander does not pass on to commands that were made elsewhere. */
function dress(command: Command): void {
  const path = pathOf(command);
  for (const option of command.options) {
    const value: unknown = option.defaultValue;
    // Defaults are shown the way users type them, not as JSON.
    if (Array.isArray(value)) option.defaultValueDescription ??= value.join(",");
  }
  command
    .exitOverride()
    .helpCommand(false)
    .helpOption("-h, --help", "show help")
    .configureHelp(looks())
    .showHelpAfterError(`Run "${path} --help" to see how it is used.`)
    .configureOutput({
      getOutHasColors: () => hasColor(process.stdout),
      getErrHasColors: () => hasColor(process.stderr),
      getOutHelpWidth: () => helpWidth(widthOf(process.stdout)),
      getErrHelpWidth: () => helpWidth(widthOf(process.stderr)),
      writeOut: (text) => process.stdout.write(fitHelp(text, helpWidth(widthOf(process.stdout)))),
      writeErr: (text) => process.stderr.write(fitHelp(text, helpWidth(widthOf(process.stderr)))),
      // A message stays on one line, so that it can be searched.
      outputError: (text) =>
        process.stderr.write(withOptionMeant(command, text).replace(/^error:/, colorsOf(process.stderr).red("error:"))),
    });
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Commander strips the colours again where they are not wanted. */
function looks(): HelpConfiguration {
  const { bold, cyan, yellow } = pico.createColors(true);
  return {
    ...narrowLayout,
    // A command's own help lists its arguments.
    subcommandTerm: (command) => command.name(),
    showGlobalOptions: false,
    styleTitle: (text) => bold(text),
    styleCommandText: (text) => cyan(text),
    styleSubcommandText: (text) => cyan(text),
    styleOptionText: (text) => yellow(text),
    styleArgumentText: (text) => yellow(text),
  };
}
