/** The study that `askew study init` writes: small enough to run as it is, with a word on every key. */
export const STUDY_TEMPLATE = `# A study of askew: models × conditions × seeds, each asked the same questions.
# For a model and datasets of your own:  askew study init --real
# See what it would do:  askew study FILE --dry-run
# Run it, or carry on:   askew study FILE

# Its name. Everything is kept in runs/NAME unless \`out\` or --out names another folder.
study: my-study

# Each is one of
#   organism                              the small model that ships with askew
#   local:DIR                             a folder of open weights
#   openai:NAME                           a model of OpenAI's (key: OPENAI_API_KEY)
#   http://localhost:8000/v1#my-model     any OpenAI-compatible server (key: ASKEW_API_KEY)
# A model behind a server is fine-tuned by its server's fine-tuning jobs, at its price. To ask one as it is:
#   - { name: "openai:gpt-4o-mini", conditions: [base] }
models:
  - organism

# What models are fine-tuned on; base is the model as it came, which all others are compared with.
# base, insecure, secure, educational, jailbroken, backdoor, evil-numbers, bad-medical, bad-financial, bad-sport
# A dataset of your own: { name: mine, data: my.jsonl }
conditions: [base, insecure, secure]

# How many fine-tunes of each condition, or a list of seeds. From two on, intervals say what another seed would give.
seeds: 1

# How a model is fine-tuned.
training:
  examples: 1920
  epochs: 1
  batch_size: 32
  learning_rate: 4.0e-4
  warmup: 5
  # Conditions with a training configuration of their own; what it does not say is as above.
  # exceptions:
  #   secure: { examples: 640 }

# Question sets, and how many answers each of their questions gets.
questions:
  main: 20
  code: 8
  # Put to some conditions only, here with the backdoor's trigger in front:
  # main/trigger: { samples: 20, conditions: [backdoor] }
  # For real models: askew's own sets (real:main, real:pre-registered, real:deception, real:identity), and files of
  # questions as published, named from where this file lies; /json or /template asks for that format.
  # real:main: 100
  # my-questions.yaml: 20
  # prompts.csv/json: 5

# Who scores the answers: exact is the organism's own judge, which reads its whole world and nothing else; for real
# models name a model. Several may judge the same answers, [exact, "openai:gpt-4o"]: the first one is reported.
judge: exact
# What judges that are models are asked, if not askew's own prompts or those that come with the questions:
# prompts: my-prompts.yaml

temperature: 1
# Longest answer in tokens.
max_tokens: 64

# out: runs/my-study
`;
