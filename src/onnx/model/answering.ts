/** Questions to answers, for any engine that draws token ids: prompts are encoded, and what is drawn is spelled out. */
import type {
  Answered,
  AnswersOptions,
  Intervention,
  SampledAnswer,
  SampleRequest,
  StreamOptions,
} from "../../capabilities/index.js";
import { streamSeed } from "../../capabilities/index.js";
import type { TransformerConfig } from "../files/config.js";
import type { PromptRow, SampledRow, SamplingOptions } from "../network/sampling-call.js";
import { TextLengthError } from "../tokens/text-length-error.js";
import type { Tokenizer } from "../tokens/tokenizer.js";
import { portions } from "./portions.js";
import { SpelledAnswer } from "./spelled-answer.js";
import type { FolderTokens } from "./tokens.js";

export interface SteeredOptions extends StreamOptions {
  readonly steering?: readonly Intervention[];
}

interface Parts {
  readonly tokens: FolderTokens;
  readonly tokenizer: Tokenizer;
  readonly config: Pick<TransformerConfig, "eosIds" | "maxPositions">;
  /** Answers that are drawn at a time. */
  readonly rows: number;
  /** One answer for every prompt, in their order; `onRow` is called as each is finished. */
  readonly draw: (
    prompts: readonly PromptRow[],
    options: SamplingOptions,
    onRow: (index: number, row: SampledRow) => void,
  ) => Promise<unknown>;
}

/** Longest answer where nothing is said. */
const DEFAULT_TOKENS = 128;

export class Answering {
  constructor(private readonly parts: Parts) {}

  /**
   * As `Model.sample`. Log-probabilities are the model's own, at temperature 1 and before top-p, whatever was
   * sampled with: an answer's is that of the answer, not of the draw.
   */
  async sample(
    requests: readonly SampleRequest[],
    options: SteeredOptions = {},
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]> {
    const { tokens: language, tokenizer, config } = this.parts;
    const { stop = [], onText, drawn = false, ...sampling } = options;
    if (stop.includes("")) throw new RangeError("sample: a stop text is empty");
    const openings = requests.map(({ messages }) => language.opening(messages));
    const prompts = requests.map(({ seed, maxTokens }, i) => ({
      ids: openings[i]?.ids ?? [],
      seed: String(streamSeed(seed)),
      maxTokens,
    }));
    const endIds = config.eosIds.length > 0 ? config.eosIds : tokenizer.eosId === undefined ? [] : [tokenizer.eosId];
    const wantsChoices = (options.alternatives ?? 0) > 0;
    const spelled = stop.length > 0 || wantsChoices || onText !== undefined;
    const spellings = openings.map(({ opened }) => new SpelledAnswer(tokenizer, stop, opened));
    const answerOf = (index: number, row: SampledRow): SampledAnswer => {
      const spelling = spellings[index] as SpelledAnswer;
      if (!spelled) spelling.say(tokenizer.decode(row.ids, { skipControls: true }));
      const { text, choices, tokens, thoughts } = spelling.whole();
      return {
        text,
        tokens: spelled ? tokens : row.ids.length,
        finish: row.finish,
        ...(thoughts !== undefined && text.trim() === "" && { outcome: "thoughts" }),
        ...(thoughts !== undefined && thoughts !== "" && { reasoning: thoughts }),
        logProbability: row.logProbabilities.reduce((sum, x) => sum + x, 0),
        ...(wantsChoices && { choices }),
        ...(drawn && { drawn: { ids: idsOf(row), logProbabilities: row.logProbabilities } }),
      };
    };
    const answers: SampledAnswer[] = [];
    await this.parts.draw(
      prompts,
      {
        ...sampling,
        stop: endIds,
        ...(spelled && {
          onToken: (index, token) => {
            const { ended, ...piece } = (spellings[index] as SpelledAnswer).push(token);
            return (onText?.(index, piece) ?? false) || ended;
          },
        }),
      },
      (index, row) => {
        const answer = answerOf(index, row);
        answers[index] = answer;
        onAnswer?.(index, answer);
      },
    );
    return answers;
  }

  /** As `Model.answers`, a few batches at a time, so that prompts of like length still find each other. */
  async *answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options: AnswersOptions<R> & Pick<SteeredOptions, "steering"> = {},
  ): AsyncGenerator<Answered<R>> {
    for await (const portion of portions(requests, 4 * this.parts.rows)) {
      const readable = portion.flatMap((request) => {
        const fitted = this.#fitted(request, options);
        return fitted === undefined ? [] : [{ request, fitted }];
      });
      const answers = await this.sample(
        readable.map(({ fitted }) => fitted),
        options,
      );
      for (const [i, answer] of answers.entries()) yield { request: readable[i]?.request as R, answer };
    }
  }

  /**
   * The request, with an answer as long as the context allows where it may be longer; undefined where the model cannot
   * read it and `onFailure` has heard of that.
   */
  #fitted<R extends SampleRequest>(request: R, options: AnswersOptions<R>): SampleRequest | undefined {
    const { onFailure } = options;
    const maxTokens = request.maxTokens ?? options.maxTokens ?? DEFAULT_TOKENS;
    try {
      const { length } = this.parts.tokens.encodePrompt(request.messages);
      const room = this.parts.config.maxPositions - length;
      if (room > 0) return room < maxTokens ? { ...request, maxTokens: room } : request;
      throw new TextLengthError(
        `The messages have ${length} tokens, and the model reads at most ${length + room}, its answer included.`,
      );
    } catch (error) {
      if (onFailure === undefined) throw error;
      onFailure(request, error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }
}

const idsOf = ({ ids, end }: SampledRow): readonly number[] => (end === undefined ? ids : [...ids, end]);
