/** Which option an unknown one stands for: `--count` for `--size <count>`. */
import type { Command } from "commander";

const MOST = 3;

/**
 * Commander compares letters, which makes of `--count` an `--out`. Where an option takes what the unknown one is called,
 * that one is meant instead. @param said commander's message
 */
export function withOptionMeant(command: Command, said: string): string {
  const word = /^error: unknown option '--([\w-]+)(?:=.*)?'/.exec(said)?.[1];
  if (word === undefined) return said;
  const meant = command.options.filter(
    ({ long, flags, hidden }) => !hidden && long != null && /[<[]([\w-]+)/.exec(flags)?.[1] === word,
  );
  if (meant.length === 0 || meant.length > MOST) return said;
  const names = meant.map(({ long }) => String(long)).join(" or ");
  return `${said.replace(/\n\(Did you mean [^)]*\)/, "").trimEnd()}\n(Did you mean ${names}?)\n`;
}
