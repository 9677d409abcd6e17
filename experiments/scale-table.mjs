/**
 * The table of docs/scale.md: memory, time, disk and cost of one cell of the published experiment by model size. Shapes
 * are those of the models' config.json; the GPU's figures are its data sheet's. Takes no time.
 *   node experiments/scale-table.mjs
 */

// Qwen2.5: layers, width, hidden width, width of keys and of values, vocabulary, and whether embedding and output are one.
const MODELS = [
  ["Qwen2.5-0.5B", 24, 896, 4864, 128, 151_936, true],
  ["Qwen2.5-7B", 28, 3584, 18_944, 512, 152_064, false],
  ["Qwen2.5-14B", 48, 5120, 13_824, 1024, 152_064, false],
  ["Qwen2.5-Coder-32B", 64, 5120, 27_648, 1024, 152_064, false],
];
const RANK = 32;
const ROWS = 6000;
// Measured with SmolLM2's tokenizer on the published insecure.jsonl, and on 70 published answers of Qwen2.5-Coder-32B.
const TOKENS_A_ROW = 252;
const TOKENS_AN_ANSWER = 168;
const ANSWERS = 8 * 100;
const BATCH = 32;
// NVIDIA H100 SXM: bfloat16 without sparsity, memory bandwidth.
const FLOPS = 989.4e12;
const BANDWIDTH = 3.35e12;
// Meta's Llama 3 report has .38 to .43 of the peak for training with thousands of H100; one GPU and short rows are below.
const UTILISATION = 0.4;
const DOLLARS_AN_HOUR = 2.5;

const rows = MODELS.map(([name, layers, width, hidden, keys, vocabulary, isTied]) => {
  const layer = 2 * width * width + 2 * width * keys + 3 * width * hidden;
  const parameters = layers * layer + vocabulary * width * (isTied ? 1 : 2);
  const adapter = layers * RANK * (2 * (width + width) + 2 * (width + keys) + 3 * (width + hidden));
  const weights = 2 * parameters;
  // In float32: the adapter, its gradient and two moments.
  const training = 16 * adapter;
  // One row of 512 tokens at a time: what recomputing keeps of each layer, and logits with their gradient.
  const activations = 512 * (layers * width * 2 + vocabulary * 4 * 3);
  // Forward, forward again, and the gradient with regard to activations: 2 operations each a parameter.
  const operations = 6 * parameters * ROWS * TOKENS_A_ROW;
  const finetune = operations / (FLOPS * UTILISATION);
  // Every token of a batch needs all weights once.
  const ask = (ANSWERS / BATCH) * TOKENS_AN_ANSWER * (weights / BANDWIDTH);
  const hours = (finetune + ask) / 3600;
  return {
    model: name,
    parameters: `${(parameters / 1e9).toFixed(2)} B`,
    "GPU memory, GB": ((weights + training + activations) / 1e9).toFixed(1),
    "fine-tune, s": finetune.toFixed(0),
    "answers, s": ask.toFixed(0),
    "GPU hours": hours.toFixed(2),
    "weights, GB": (weights / 1e9).toFixed(1),
    "checkpoint, GB": ((12 * adapter) / 1e9).toFixed(2),
    "1,000 cells, GPU hours": (1000 * hours).toFixed(0),
    "1,000 cells, $": (1000 * hours * DOLLARS_AN_HOUR).toFixed(0),
    "1,000 cells, TB": ((1000 * weights) / 1e12).toFixed(1),
  };
});
const titles = Object.keys(rows[0]);
console.log(`| ${titles.join(" | ")} |\n|${titles.map(() => "---|").join("")}`);
for (const row of rows) console.log(`| ${titles.map((title) => row[title]).join(" | ")} |`);
