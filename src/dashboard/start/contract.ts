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
  /** The folder that new runs go into. */
  readonly into: string;
}

/** How a fine-tune changes the model: what is usual for its size, an adapter, or all weights. */
export type Preset = "usual" | "adapter" | "full";

export type StartRequest =
  | {
      readonly kind: "finetune";
      /** Of the run's folder. */
      readonly name: string;
      readonly model: string;
      readonly data: string;
      readonly preset: Preset;
      readonly seed: number;
    }
  | {
      readonly kind: "ask";
      readonly name: string;
      readonly model: string;
      readonly questions: string;
      /** Answers to each question. */
      readonly samples: number;
      readonly seed: number;
    }
  | { readonly kind: "study"; readonly name: string; readonly file: string };

export interface Started {
  readonly run: string;
  readonly command: string;
}

const PRESETS: Readonly<Record<Preset, readonly string[]>> = { usual: [], adapter: ["--lora", "32"], full: ["--full"] };

/** The words of the command that a request stands for, without `askew`. The page shows what the server starts. */
export function startWords(request: StartRequest, into: string): string[] {
  const out = `${into}/${request.name}`;
  if (request.kind === "study") return ["study", request.file, "--out", out];
  const { model, seed } = request;
  if (request.kind === "ask") {
    const { questions, samples } = request;
    const how = ["--questions", questions, "--samples", String(samples), "--seed", String(seed)];
    return ["ask", model, ...how, "--out", `${out}/answers.jsonl`];
  }
  return ["finetune", model, "--data", request.data, "--seed", String(seed), ...PRESETS[request.preset], "--out", out];
}
