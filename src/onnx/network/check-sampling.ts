/** What is wrong with a call of a sampler, said before anything is read. */
import type { ModelShape } from "../../capabilities/index.js";
import type { PromptRow, SamplingOptions } from "./sampling-call.js";

/** @throws {RangeError} */
export function checkSampling(
  prompts: readonly PromptRow[],
  options: SamplingOptions,
  { vocabSize, maxPositions }: Pick<ModelShape, "vocabSize"> & { readonly maxPositions: number },
): void {
  const { temperature = 1, topP = 1, maxTokens = 128, alternatives = 0 } = options;
  if (!(temperature >= 0)) throw new RangeError(`sample: temperature must be 0 or above, found ${temperature}`);
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`sample: topP must be above 0 and at most 1, found ${topP}`);
  if (!Number.isInteger(alternatives) || alternatives < 0 || alternatives > vocabSize) {
    throw new RangeError(
      `sample: alternatives must be a whole number from 0 to the vocabulary's ${vocabSize}, found ${alternatives}`,
    );
  }
  for (const { ids, maxTokens: most = maxTokens } of prompts) {
    if (!Number.isInteger(most) || most < 1) {
      throw new RangeError(`sample: maxTokens must be a whole number >= 1, found ${most}`);
    }
    if (ids.length === 0) throw new RangeError("sample: a prompt is empty");
    if (ids.length + most > maxPositions) {
      throw new RangeError(
        `sample: a prompt of ${ids.length} tokens and an answer of up to ${most} exceed the model's ${maxPositions} positions`,
      );
    }
  }
}
