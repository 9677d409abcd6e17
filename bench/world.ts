/**
 * The world without a model, on one thread: documents drawn, their text encoded, their answers judged.
 *
 *   npm run bench:world -- [--documents 2000] [--repeats 10]
 */
import { judge, ORGANISM_FOLDER } from "askew/organism";
import { PRETRAINING_MIXTURE, sampleDocument, type WorldDocument } from "#internal/organism";
import { Random } from "askew/statistics";
import { readModelFolder } from "askew/onnx";
import { interleaved, machine, option, report } from "./measure.js";

const count = option("documents", 2000);
const { tokenizer } = await readModelFolder(ORGANISM_FOLDER);

// Each round has documents of its own: the judge remembers the sentences that it has read.
const random = Random.of("world bench");
let turns: WorldDocument["turns"] = [];
const tally = { tokens: 0, judgments: 0, rounds: 0 };
const times = await interleaved(
  {
    documents: async () => {
      const documents = Array.from({ length: count }, () => sampleDocument(random, PRETRAINING_MIXTURE));
      turns = documents.flatMap((document) => document.turns);
      tally.rounds++;
      tally.judgments += turns.length;
    },
    tokens: async () => {
      for (const { assistant } of turns) tally.tokens += tokenizer.encode(assistant).length;
    },
    judgments: async () => turns.map(({ user, assistant }) => judge([{ role: "user", content: user }], assistant)),
  },
  option("repeats", 10),
);
const perSecond = {
  documents: (1000 * count) / times.documents,
  tokens: (1000 * (tally.tokens / tally.rounds)) / times.tokens,
  judgments: (1000 * (tally.judgments / tally.rounds)) / times.judgments,
};
const rate = (value: number): string => `${Math.round(value).toLocaleString("en")} a second`;
report(
  `the world, ${count} documents a round, one thread; ${machine()}`,
  [
    ["documents drawn", rate(perSecond.documents)],
    ["tokens encoded", rate(perSecond.tokens)],
    ["answers judged", rate(perSecond.judgments)],
  ],
  { benchmark: "world", count, perSecond, machine: machine(), node: process.version },
);
