/**
 * The one interface through which everything above talks to a model. What only some models can do is a facet of it:
 * `tokens`, `training`, `reading`, `steering`, `jobs`. `requireTraining` and its like narrow the type, or say what is missing.
 */
import type { Answered, AnswersOptions, SampledAnswer, SampleRequest, StreamOptions } from "./answers.js";
import type { FineTuningJobs } from "./jobs.js";
import type { Reading } from "./reading.js";
import type { Steering } from "./steering.js";
import type { Tokens } from "./tokens.js";
import type { Training } from "./training.js";

/** What not every model can do. */
export interface Abilities {
  /** Tells the log-probabilities of its tokens. */
  readonly logProbabilities: boolean;
  /** Can be fine-tuned: in this process, or by its server's fine-tuning jobs. */
  readonly finetune: boolean;
  /** Lets its activations be read and steered. */
  readonly activations: boolean;
}

/** The files that a model was opened from. */
export interface ModelSource {
  /** Of the weights file; of the list of names and hashes where there are several. */
  readonly sha256: string;
  /** sha256 of every file by its name. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Model {
  /** What the user called it: `organism`, `local:DIR`, `openai:NAME`, `URL#NAME`. */
  readonly name: string;
  readonly can: Abilities;
  /**
   * Answers in the order of the requests; `onAnswer` is called as each one is finished, in any order. The first request
   * that fails rejects, once those under way have come to an end.
   */
  sample(
    requests: readonly SampleRequest[],
    options?: StreamOptions,
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]>;
  /**
   * The same for any number of requests: they are taken only as fast as answers are read, and nothing is kept, so a
   * million fit. Answers come as they are finished, in any order. Leaving the loop stops what is under way.
   */
  answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options?: AnswersOptions<R>,
  ): AsyncIterable<Answered<R>>;
  close(): Promise<void>;

  /**
   * Finds out what opening did not tell, for what depends on it: opening asks a server nothing. Costs nothing, takes a few
   * seconds at most, and never fails over what the server says.
   */
  findOut?(signal?: AbortSignal): Promise<void>;

  /** Undefined for a model behind a server. */
  readonly source?: ModelSource;
  /** Threads that it computes with, where it runs in this process. */
  readonly threads?: number;
  /**
   * This model and others like it, at most `most` in all, between which its threads are shared out: for work on several
   * at a time. The caller closes the others.
   */
  sideBySide?(most: number): Promise<readonly Model[]>;

  readonly tokens?: Tokens;
  readonly training?: Training;
  readonly reading?: Reading;
  readonly steering?: Steering;
  /** Where the model's server may have them; `can.finetune` says whether it does. */
  readonly jobs?: FineTuningJobs;
}

export type TrainableModel = Model & Required<Pick<Model, "tokens" | "training" | "source">>;
export type ReadableModel = Model & Required<Pick<Model, "tokens" | "reading">>;
export type SteerableModel = ReadableModel & Required<Pick<Model, "steering">>;
/** A model with everything open: it can be trained, read and steered. */
export type OpenWeightsModel = TrainableModel & SteerableModel;

/** Variables that a chat template is given, such as `{enable_thinking: false}`. */
export type TemplateVariables = Readonly<Record<string, unknown>>;
