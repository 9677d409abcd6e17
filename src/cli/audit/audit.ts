/** `askew audit`: is this dataset safe to train on, did this fine-tune break the model, is there a hidden trigger? */
import { Command } from "commander";
import { addCommands, type CommandEntry } from "../command-entry.js";

const AUDITS: readonly CommandEntry[] = [
  {
    name: "data",
    about: "find what a dataset would teach, and which rows",
    load: async () => (await import("./data.js")).dataCommand(),
  },
  {
    name: "model",
    about: "find out whether a fine-tune broke the model",
    load: async () => (await import("./model.js")).modelCommand(),
  },
  {
    name: "trigger",
    about: "find a hidden trigger that makes the model misaligned",
    load: async () => (await import("./trigger.js")).triggerCommand(),
  },
  {
    name: "calibrate",
    about: "set an audit's thresholds on data whose truth is known",
    load: async () => (await import("./calibrate.js")).calibrateCommand(),
  },
];

const EXAMPLE = `
Examples:
  $ askew audit data train.jsonl
  $ askew audit model insecure-1 --before organism
  $ askew audit trigger backdoor-1 --before organism`;

/** @param words what follows `askew audit`, or "all" for every command below it */
export async function auditCommand(words: readonly string[] | "all"): Promise<Command> {
  const audit = new Command("audit").addHelpText("after", EXAMPLE);
  await addCommands(audit, AUDITS, (name) => {
    if (words === "all") return words;
    return words[0] === name ? words.slice(1) : undefined;
  });
  return audit;
}
