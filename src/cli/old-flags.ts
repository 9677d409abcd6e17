/** Options that once had another name go on working for one version, with a note: here and nowhere else. */

/** The new name of each old option; null where its value is now an argument without a name. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  finetune: { "--model": null },
  reproduce: { "--model": null },
  serve: { "--model": null },
  experiment: { "--model": null },
  watch: { "--dataset": "--data" },
  "watch calibrate": { "--batch": "--batch-size" },
  realign: { "--with": "--data", "--batch": "--batch-size" },
  "sae train": { "--batch": "--batch-size" },
};

export interface Renewed {
  readonly words: readonly string[];
  /** One line for each old option, for stderr. */
  readonly notes: readonly string[];
}

/** The command line in today's words. */
export function renewed(words: readonly string[]): Renewed {
  const command = [words.slice(0, 2).join(" "), words[0] ?? ""].find((name) => Object.hasOwn(RENAMED, name));
  const names = command === undefined ? undefined : RENAMED[command];
  if (command === undefined || names === undefined) return { words, notes: [] };
  const out: string[] = [];
  // Arguments keep their order: a model comes behind what else the command is given.
  const last: string[] = [];
  const notes: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const [, flag = word, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (!Object.hasOwn(names, flag)) {
      out.push(word);
      continue;
    }
    const now = names[flag] ?? null;
    const given = value ?? words[++i];
    notes.push(
      now === null
        ? `${flag} is now an argument without a name: askew ${command} ${given ?? "MODEL"}. The old form goes in the next version.`
        : `${flag} is now called ${now}. The old name goes in the next version.`,
    );
    if (given === undefined) out.push(now ?? flag);
    else if (now === null) (command === "experiment" ? last : out).push(given);
    else out.push(now, given);
  }
  return { words: [...out, ...last], notes };
}
