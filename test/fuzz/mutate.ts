/** Seeded damage to an input: what disks, editors, other tools and people who mean harm do to files. */
import type { Random } from "askew/statistics";

const SIGNS = [
  "\0",
  "\uFEFF",
  "\u2028",
  "🐂",
  '"',
  "'",
  "\\",
  "\\u0000",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\n",
  "\r\n",
  "\t",
];
const VALUES = [
  "null",
  "true",
  "NaN",
  "-1",
  "1e999",
  "9007199254740993",
  "0.1",
  "{}",
  "[]",
  "[".repeat(8),
  " ".repeat(64),
];
const PROGRAMS = ["&a *a", "!!binary x", "<<: *a", "{% for x in y %}", "{{ x }}", "(a+)+$", "../../x", "__proto__"];
const PIECES = [SIGNS, VALUES, PROGRAMS].flat();

/** 1 to 4 changes: bytes flipped, cut out, repeated, moved, or replaced by something that means something. */
export function mutated(given: Buffer, random: Random): Buffer {
  let bytes = given;
  const changes = 1 + random.integer(4);
  for (let i = 0; i < changes; i++) bytes = change(bytes, random);
  return bytes;
}

function change(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.integer(random.integer(4) === 0 ? 512 : 12));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.integer(7)) {
    case 0:
      return Buffer.concat([before, part.map((byte) => byte ^ (1 << random.integer(8))), after]);
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, ...Array.from({ length: 2 + random.integer(20) }, () => part), after]);
    case 3:
      return Buffer.concat([before, Buffer.from(PIECES[random.integer(PIECES.length)] as string), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([before, Buffer.from(PIECES[random.integer(PIECES.length)] as string), after]);
    case 5:
      return Buffer.from(before);
    default: {
      const to = random.integer(before.length + 1);
      return Buffer.concat([before.subarray(0, to), part, before.subarray(to), after]);
    }
  }
}
