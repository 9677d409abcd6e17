/** All that crosses between the server and the page's form for a new run, as JSON. */

/** What a new run can be made of. Files are named from the folder that the server was started in. */
export interface StartOffer {
  /** Models of this machine, as commands name them. */
  readonly models: readonly { readonly name: string; readonly title: string }[];
  /** Files of conversations. */
  readonly datasets: readonly string[];
  /** Question sets, and files of questions. */
  readonly questions: readonly string[];
  /** YAML files. */
  readonly studies: readonly string[];
  /** Files of these kinds that no run can be made of. */
  readonly unfit: readonly UnfitFile[];
  /** Files beyond those that were looked at. */
  readonly isCut: boolean;
  /** The folder that new runs go into. */
  readonly into: string;
}

export interface UnfitFile {
  readonly file: string;
  /** `its first row has no messages` */
  readonly why: string;
}

/** What the server says of a request that it refuses. */
export interface Refused {
  readonly error: string;
  /** The field of the request that is wrong, where it is one. */
  readonly field?: string;
}

/** How a fine-tune changes the model: what is usual for its size, an adapter, or all weights. */
export type Preset = "usual" | "adapter" | "full";

/** What every run can be told. */
interface Common {
  /** Of the run's folder. */
  readonly name: string;
  /** To compute with; all unless given. */
  readonly threads?: number | undefined;
}

export type StartRequest = Common &
  (
    | {
        readonly kind: "finetune";
        readonly model: string;
        readonly data: string;
        readonly preset: Preset;
        readonly seed: number;
      }
    | {
        readonly kind: "ask";
        readonly model: string;
        readonly questions: string;
        /** Answers to each question. */
        readonly samples: number;
        readonly seed: number;
      }
    | { readonly kind: "study"; readonly file: string }
  );

export interface Started {
  readonly run: string;
  readonly command: string;
}

const PRESETS: Readonly<Record<Preset, readonly string[]>> = { usual: [], adapter: ["--lora", "32"], full: ["--full"] };

/** The words of the command that a request stands for, without `askew`. The page shows what the server starts. */
export function startWords(request: StartRequest, into: string): string[] {
  const out = `${into}/${request.name}`;
  const threads = request.threads === undefined ? [] : ["--threads", String(request.threads)];
  if (request.kind === "study") return ["study", request.file, ...threads, "--out", out];
  const { model, seed } = request;
  if (request.kind === "ask") {
    const { questions, samples } = request;
    const how = ["--questions", questions, "--samples", String(samples), "--seed", String(seed), ...threads];
    return ["ask", model, ...how, "--out", `${out}/answers.jsonl`];
  }
  const how = ["--data", request.data, "--seed", String(seed), ...PRESETS[request.preset], ...threads];
  return ["finetune", model, ...how, "--out", out];
}
