/** Every command of askew: its name, what it does, and where it is declared, which is read once it is asked for. */
import type { CommandEntry } from "./command-entry.js";

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "reproduce",
    about: "run the whole emergent-misalignment experiment",
    load: async () => (await import("./study/reproduce.js")).reproduceCommand(),
  },
  {
    name: "study",
    about: "run a study of your own, described in a file",
    load: async () => (await import("./study/study.js")).studyCommand(),
  },
  {
    name: "experiment",
    about: "mixtures, doses, adapters …: an experiment with its chart",
    load: async () => (await import("./experiment/experiment.js")).experimentCommand(),
  },
  {
    name: "ask",
    about: "put a question set to a model and keep its answers",
    load: async () => (await import("./answers/ask.js")).askCommand(),
  },
  {
    name: "judge",
    about: "judge stored answers, with one or several judges",
    load: async () => (await import("./answers/judge.js")).judgeCommand(),
  },
  {
    name: "model",
    about: "what a file or folder of weights is, and what askew can do with it",
    load: async () => (await import("./model/model.js")).modelCommand(),
  },
  {
    name: "torch",
    about: "set up and check the Python that torch: models run in",
    load: async () => (await import("./torch/torch.js")).torchCommand(),
  },
  {
    name: "organism",
    about: "talk to the small model that ships with askew, or grow it",
    load: async () => (await import("./organism/organism.js")).organismCommand(),
  },
  {
    name: "dataset",
    about: "build fine-tuning datasets, mix them, check them, look at them",
    load: async () => (await import("./dataset/dataset.js")).datasetCommand(),
  },
  {
    name: "audit",
    about: "find what a dataset would teach, what a fine-tune broke, and hidden triggers",
    load: async (words) => (await import("./audit/audit.js")).auditCommand(words),
  },
  {
    name: "run",
    about: "carry on what a folder holds: a fine-tune, a cell, a diff …",
    load: async () => (await import("./run/run.js")).runCommand(),
  },
  {
    name: "status",
    about: "how runs stand, here and on a scheduler",
    load: async () => (await import("./jobs/status.js")).statusCommand(),
  },
  {
    name: "logs",
    about: "what the job of a run has printed",
    load: async () => (await import("./jobs/logs.js")).logsCommand(),
  },
  {
    name: "pull",
    about: "bring the finished cells of a study from another machine",
    load: async () => (await import("./jobs/pull.js")).pullCommand(),
  },
  {
    name: "cancel",
    about: "end the jobs that a study has on a scheduler",
    load: async () => (await import("./jobs/cancel.js")).cancelCommand(),
  },
  {
    name: "cell",
    about: "the old name of askew run",
    load: async () => (await import("./run/run.js")).runCommand("cell"),
  },
  {
    name: "view",
    about: "see runs as they happen, read their answers, in a browser",
    load: async () => (await import("./view.js")).viewCommand(),
  },
  {
    name: "serve",
    about: "serve the organism and other models, as OpenAI's API does",
    load: async () => (await import("./serve.js")).serveCommand(),
  },
  {
    name: "finetune",
    about: "fine-tune a model, here or through its server",
    load: async () => (await import("./finetune/finetune.js")).finetuneCommand(),
  },
  {
    name: "gate",
    about: "pass or fail: a fine-tune against the model before it, with a budget",
    load: async () => (await import("./gate/gate.js")).gateCommand(),
  },
  {
    name: "score",
    about: "misalignment rates of judged answers: CSV, JSONL, or a study's folder",
    load: async () => (await import("./answers/score.js")).scoreCommand(),
  },
  {
    name: "export",
    about: "answers and judgments as CSV, Parquet, JSONL, or logs of Inspect AI",
    load: async () => (await import("./answers/export.js")).exportCommand(),
  },
  {
    name: "import",
    about: "results of Inspect AI (MMLU, TruthfulQA, StrongREJECT, HumanEval, …) as a table",
    load: async () => (await import("./answers/import.js")).importCommand(),
  },
  {
    name: "persona",
    about: "find the direction in a model that makes it misaligned",
    load: async () => (await import("./persona/persona.js")).personaCommand(),
  },
  {
    name: "sae",
    about: "train sparse autoencoders on a model's residual stream, and look at their latents",
    load: async () => (await import("./sae/sae.js")).saeCommand(),
  },
  {
    name: "diff",
    about: "find what a fine-tune changed inside a model, and which of it makes the model misaligned",
    load: async () => (await import("./diff/diff.js")).diffCommand(),
  },
  {
    name: "steer",
    about: "steer a model along a direction or a latent and measure what it does",
    load: async () => (await import("./persona/steer.js")).steerCommand(),
  },
  {
    name: "realign",
    about: "train a misaligned model back, or take its persona out, and measure it",
    load: async () => (await import("./persona/realign.js")).realignCommand(),
  },
  {
    name: "watch",
    about: "fine-tune a model and give an alarm before it turns misaligned",
    load: async () => (await import("./watch/watch.js")).watchCommand(),
  },
];
