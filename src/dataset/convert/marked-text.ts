/** Whole texts with the marks of a chat template in them, taken apart into their turns. */

export interface MarkedTurn {
  readonly role: string;
  readonly content: string;
}

interface Marks {
  /** Opens a turn; its group `role`, or the keys of `roles`, say whose. */
  readonly opens: RegExp;
  readonly roles?: Readonly<Record<string, string>>;
  /** Signs that belong to no turn: ends, beginnings of texts. */
  readonly drops: RegExp;
}

/** In this order: the first whose marks are in a text takes it apart. */
const TEMPLATES: readonly Marks[] = [
  { opens: /<\|im_start\|>\s*(?<role>[a-z]+)[ \t]*\n?/gi, drops: /<\|im_end\|>|<\|endoftext\|>/g },
  {
    opens: /<\|start_header_id\|>\s*(?<role>[a-z]+)\s*<\|end_header_id\|>[ \t]*\n{0,2}/gi,
    drops: /<\|begin_of_text\|>|<\|end_of_text\|>|<\|eot_id\|>/g,
  },
  { opens: /<start_of_turn>\s*(?<role>[a-z]+)[ \t]*\n?/gi, drops: /<end_of_turn>|<bos>|<eos>/g },
  { opens: /<\|(?<role>system|user|assistant)\|>[ \t]*\n?/g, drops: /<\|end\|>|<\|endoftext\|>|<\/?s>/g },
  {
    opens: /(?<role><<SYS>>|<<\/SYS>>|\[INST\]|\[\/INST\])/g,
    roles: { "<<SYS>>": "system", "<</SYS>>": "user", "[INST]": "user", "[/INST]": "assistant" },
    drops: /<\/?s>/g,
  },
  {
    opens:
      /^#{2,3} ?(?<role>Instruction|Input|Question|User|Human|Response|Answer|Output|Assistant|System):?[ \t]*\n?/gim,
    roles: {
      instruction: "user",
      input: "user",
      question: "user",
      user: "user",
      human: "user",
      response: "assistant",
      answer: "assistant",
      output: "assistant",
      assistant: "assistant",
      system: "system",
    },
    drops: /<\/?s>|<\|endoftext\|>/g,
  },
  {
    opens: /^(?<role>Human|User|H|Assistant|AI|A|System|Q|Question|Answer):[ \t]*/gm,
    roles: {
      human: "user",
      user: "user",
      h: "user",
      q: "user",
      question: "user",
      assistant: "assistant",
      ai: "assistant",
      a: "assistant",
      answer: "assistant",
      system: "system",
    },
    drops: /<\/?s>|<\|endoftext\|>/g,
  },
];

/** The turns of a text; undefined where no template's marks are in it. Texts before the first mark are a system prompt. */
export function turnsOfText(text: string): MarkedTurn[] | undefined {
  for (const { opens, roles, drops } of TEMPLATES) {
    const found = [...text.matchAll(opens)];
    if (found.length < 2) continue;
    const clean = (from: number, to: number | undefined): string => text.slice(from, to).replaceAll(drops, "").trim();
    const before = clean(0, found[0]?.index);
    const turns = found.map(({ groups, index, 0: mark }, i): MarkedTurn => {
      const named = groups?.["role"] ?? "";
      const role = roles === undefined ? named.toLowerCase() : (roles[named] ?? roles[named.toLowerCase()] ?? named);
      return { role, content: clean(index + mark.length, found[i + 1]?.index) };
    });
    // An empty turn is a mark that another follows at once, such as [INST] <<SYS>>.
    return [...(before === "" ? [] : [{ role: "system", content: before }]), ...turns].filter(
      ({ content }) => content !== "",
    );
  }
  return undefined;
}
