"""The worker that askew's `torch:` models run in: PyTorch, transformers and PEFT behind one pipe."""

PROTOCOL = 1
