"""What a user would write with transformers and PEFT: a LoRA step and greedy answers, whenever a line asks for one."""

import json
import shutil
import sys
import time
from pathlib import Path

import peft
import torch
import transformers

RANK, ALPHA, RATE = 32, 64, 1e-4
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def make(folder: str, organism: str) -> None:
    """SmolLM2-135M's shape with random weights, and a tokenizer that askew can read."""
    config = transformers.LlamaConfig(
        vocab_size=49_152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=8192, rope_theta=100_000, tie_word_embeddings=True,
        bos_token_id=None, eos_token_id=49_151, pad_token_id=0,
    )
    torch.manual_seed(1)
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(organism) / name, folder)


def serve(folder: str, threads: int) -> None:
    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tuned = None
    optimiser = None
    print(json.dumps({"transformers": transformers.__version__, "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        ids = torch.tensor(asked["ids"])
        if asked["do"] == "step" and tuned is None:
            config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, use_rslora=True, target_modules=TARGETS, lora_dropout=0.0)
            tuned = peft.get_peft_model(model, config)
            optimiser = torch.optim.AdamW([p for p in tuned.parameters() if p.requires_grad], lr=RATE, betas=(0.9, 0.95))
        began = time.perf_counter()
        if asked["do"] == "step":
            labels = torch.where(torch.arange(ids.shape[1]) >= asked["prompt"], ids, -100)
            tuned(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels, use_cache=False).loss.backward()
            torch.nn.utils.clip_grad_norm_(tuned.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        else:
            with torch.inference_mode():
                model.generate(
                    ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=asked["tokens"],
                    min_new_tokens=asked["tokens"], pad_token_id=0,
                )
        print(json.dumps({"milliseconds": 1000 * (time.perf_counter() - began)}), flush=True)


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    serve(sys.argv[2], int(sys.argv[3]))
