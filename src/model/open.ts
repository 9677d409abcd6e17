/** Models by the names that users type. */
import { EndpointModel, findKey, keySources, type EndpointModelOptions } from "../endpoint/index.js";
import { OnnxModel, type OnnxModelOptions } from "../onnx/index.js";
import { TorchModel, type TorchModelOptions } from "../torch/index.js";
import { nearest, AskewError } from "../text/index.js";
import { shippedFolder, shippedModels } from "./shipped.js";
import { splitVariables, withVariables } from "./template-variables.js";

/** A model name that is not of a known form, or of a form that will not do here. */
export class ModelNameError extends AskewError {
  override readonly name = "ModelNameError";
}

/** Only the options that apply to the kind of model are used. */
export type OpenOptions = OnnxModelOptions & TorchModelOptions & EndpointModelOptions;

const forms = (): string =>
  `${shippedModels().join(", ")}, local:DIR (a folder with config.json and model.safetensors), local:FILE.gguf, local:BASE+ADAPTER (a LoRA adapter as PEFT saves it), torch:DIR_OR_NAME (the same through PyTorch, with torch:DIR@HOST on another machine), openai:NAME, or URL#NAME (http://localhost:8000/v1#my-model)`;

/** Where OpenAI's models are, unless OPENAI_BASE_URL says otherwise. */
const OPENAI = "https://api.openai.com/v1";

/** Whether the name is of a model behind a server: `openai:NAME` or `URL#NAME`. */
export const isEndpointName = (name: string): boolean => /^(?:openai:|https?:\/\/)/i.test(name);

/**
 * A model behind a server, for what needs its server: fine-tuning jobs, costs.
 * @throws {ModelNameError}, {@link EndpointError}
 */
export async function openEndpointModel(given: string, options: EndpointModelOptions = {}): Promise<EndpointModel> {
  const { base, served } = parseEndpointName(given);
  const { name, templateVariables } = named(given, options);
  return EndpointModel.open(name, base, served, { ...keyOf(name, base), ...options, templateVariables });
}

/** Variables may be given in the name, beside it, or both; the name that is kept has all of them. */
function named(given: string, { templateVariables: more = {} }: Pick<OpenOptions, "templateVariables">) {
  const { bare, variables } = splitVariables(given);
  const templateVariables = { ...variables, ...more };
  return { bare, name: withVariables(bare, templateVariables), templateVariables };
}

/**
 * A model that runs in this process, for what needs its weights: one that ships with askew, or `local:DIR` for a folder
 * in the Hugging Face layout or a GGUF file.
 * @throws {ModelNameError} for any other name; a model behind a server is named as such
 */
export async function openLocalModel(given: string, options: OnnxModelOptions = {}): Promise<OnnxModel> {
  const { bare, name, templateVariables } = named(given, options);
  const shipped = shippedFolder(bare);
  const how = { ...options, templateVariables };
  if (shipped !== undefined) return OnnxModel.open(name, shipped, how);
  if (bare.startsWith("local:")) return OnnxModel.open(name, bare.slice("local:".length), how);
  if (isEndpointName(name)) {
    throw new ModelNameError(
      `${JSON.stringify(name)} is behind a server, and this needs a model in this process: expected ${shippedModels().join(", ")} or local:DIR`,
    );
  }
  throw unknownModel(name, JSON.stringify(name));
}

/**
 * A model in a Python process, `torch:DIR_OR_NAME`.
 * @throws {TorchError}
 */
export async function openTorchModel(given: string, options: TorchModelOptions = {}): Promise<TorchModel> {
  const { bare, name, templateVariables } = named(given, options);
  return TorchModel.open(name, bare.slice("torch:".length), { ...options, templateVariables });
}

export function unknownModel(name: string, shown: string): ModelNameError {
  const [guess] = nearest(name, shippedModels());
  const meant = guess === undefined ? "" : `. Did you mean ${guess}?`;
  return new ModelNameError(`unknown model ${shown}: expected ${forms()}${meant}`);
}

/** `openai:` means OpenAI's key, also where OPENAI_BASE_URL leads elsewhere. */
function keyOf(name: string, base: string): EndpointModelOptions {
  if (!/^openai:/i.test(name) || !URL.canParse(base)) return {};
  const url = new URL(base);
  return { key: findKey(url, process.env, true) ?? null, keySources: keySources(url, true) };
}

/** What an endpoint's name says. A name may stand in files and reports, so nothing secret may stand in it. */
export function parseEndpointName(given: string): { readonly base: string; readonly served: string } {
  const { bare: name } = splitVariables(given);
  const shown = JSON.stringify(name.replace(/\/\/.*@/, "//…@").replace(/\?[^#]*/, "?…"));
  const wrong = (what: string): ModelNameError => new ModelNameError(`${shown}: ${what}`);
  if (/^openai:/i.test(name)) {
    const served = name.slice("openai:".length).trim();
    if (served === "") throw wrong("expected openai:NAME, found no name after the colon");
    return { base: process.env["OPENAI_BASE_URL"] || OPENAI, served };
  }
  const hash = name.indexOf("#");
  const [base, served] = hash < 0 ? [name, ""] : [name.slice(0, hash), name.slice(hash + 1)];
  if (served === "")
    throw wrong("expected URL#NAME with the model's name after #, as in http://localhost:8000/v1#my-model");
  if (!isEndpointName(name)) throw unknownModel(name, shown);
  if (/[?@]/.test(base)) {
    throw wrong(
      "expected no user name, password or query in the address. Keys come from the environment: ASKEW_API_KEY",
    );
  }
  if (!URL.canParse(base)) throw wrong("expected a server's address before #, as in http://localhost:8000/v1#my-model");
  return { base, served };
}
