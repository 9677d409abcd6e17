"""Samples greedily with transformers, whenever a line asks: answers with seconds by the clock and of the processor."""

import json
import os
import resource
import sys
import time

import torch
import transformers

path, threads, prompts, tokens = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
folder, name = os.path.split(path) if path.endswith(".gguf") else (path, None)
model = transformers.AutoModelForCausalLM.from_pretrained(
    folder, dtype=torch.float32, **({"gguf_file": name} if name else {})
).eval()


def processor():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def sample(rows):
    ids = torch.tensor(prompts[:rows])
    with torch.inference_mode():
        return model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=tokens,
            min_new_tokens=tokens,
            pad_token_id=0,
        )[:, ids.shape[1] :]


print(json.dumps({"transformers": transformers.__version__, "torch": torch.__version__}), flush=True)
for line in sys.stdin:
    rows = int(line)
    clock, used = time.perf_counter(), processor()
    ids = sample(rows)
    print(json.dumps({"clock": time.perf_counter() - clock, "processor": processor() - used, "ids": ids.tolist()}), flush=True)
