/** A command that is known by its name and one line, and loaded once it is asked for. */
import { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  /** In one line, for the list of commands; its own help begins with it too, unless it describes itself more fully. */
  readonly about: string;
  /** @param words what follows its name on the command line, or "all" for it and every command below it */
  readonly load: (words: readonly string[] | "all") => Promise<Command>;
}

/** @param wordsOf what follows the name of a command that is asked for; undefined for the others */
export async function addCommands(
  parent: Command,
  entries: readonly CommandEntry[],
  wordsOf: (name: string) => readonly string[] | "all" | undefined,
): Promise<void> {
  for (const { name, about, load } of entries) {
    const words = wordsOf(name);
    const command = words === undefined ? new Command(name) : await load(words);
    parent.addCommand(command.description(command.description() || about).summary(about));
  }
}
