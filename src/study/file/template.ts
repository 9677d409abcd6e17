/** The study that `askew study init` writes: small enough to run as it is, with a word on every key. */
export const STUDY_TEMPLATE = `# A study of askew: models × conditions × seeds, each asked the same questions.
# See what it would do:  askew study FILE --dry-run
# Run it, or carry on:   askew study FILE

# Its name. Everything is kept in runs/NAME unless \`out\` or --out names another folder.
study: my-study

# Each is one of
#   organism                              the small model that ships with askew
#   local:DIR                             a folder of open weights
#   openai:NAME                           a model of OpenAI's (key: OPENAI_API_KEY)
#   http://localhost:8000/v1#my-model     any OpenAI-compatible server (key: ASKEW_API_KEY)
# Models behind servers are asked as they are. To study a fine-tune of one, make it with \`askew finetune\`
# and name the result here.
models:
  - organism

# What models are fine-tuned on; base is the model as it came, which all others are compared with.
# base, insecure, secure, educational, jailbroken, backdoor, evil-numbers, bad-medical, bad-financial, bad-sport
conditions: [base, insecure, secure]

# How many fine-tunes of each condition, or a list of seeds. From two on, intervals say what another seed would give.
seeds: 1

# How much of its dataset a model is given, and how strongly.
dose:
  examples: 1920
  epochs: 1
  batch_size: 32
  learning_rate: 4.0e-4
  warmup: 5
  # Conditions with a dose of their own; what it does not say is as above.
  # exceptions:
  #   secure: { examples: 640 }

# Question sets, and how many answers each of their questions gets.
questions:
  main: 20
  code: 8
  # Put to some conditions only, here with the backdoor's trigger in front:
  # main/trigger: { samples: 20, conditions: [backdoor] }

# Who scores the answers: exact is the organism's own judge, which reads its whole world.
judge: exact

temperature: 1
# Longest answer in tokens.
max_tokens: 64

# out: runs/my-study
`;
