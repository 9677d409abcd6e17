"""Training steps of transformers (and PEFT) on the CPU in float32, one for every line on stdin: the peer of train-large.ts.

Reads the sizes as JSON from its argument. Prints {"ready": versions}, then {"milliseconds", "loss"} for every "step",
and {"peak": bytes} for "peak".
"""
import json
import resource
import sys
import time

import torch
import transformers

c = json.loads(sys.argv[1])
torch.set_num_threads(c["threads"])
torch.manual_seed(0)
config = transformers.LlamaConfig(
    vocab_size=c["vocabSize"],
    hidden_size=c["width"],
    intermediate_size=c["hidden"],
    num_hidden_layers=c["layers"],
    num_attention_heads=c["heads"],
    num_key_value_heads=c["keyValueHeads"],
    head_dim=c["headDim"],
    max_position_embeddings=c["maxPositions"],
    rms_norm_eps=c["epsilon"],
    rope_theta=c["ropeTheta"],
    tie_word_embeddings=c["tied"],
    use_cache=False,
)
model = transformers.LlamaForCausalLM(config).float()
versions = {"torch": torch.__version__, "transformers": transformers.__version__}
if c["rank"] > 0:
    import peft

    versions["peft"] = peft.__version__
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora = peft.LoraConfig(r=c["rank"], lora_alpha=64, use_rslora=True, target_modules=targets, task_type="CAUSAL_LM")
    model = peft.get_peft_model(model, lora)
if c["recompute"]:
    model.gradient_checkpointing_enable({"use_reentrant": False})
    if c["rank"] > 0:
        model.enable_input_require_grads()
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.01)
ids = torch.tensor(c["ids"])


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    return loss.item()


print(json.dumps({"ready": versions}), flush=True)
for line in sys.stdin:
    if line.strip() == "step":
        started = time.perf_counter()
        loss = step()
        print(json.dumps({"milliseconds": 1000 * (time.perf_counter() - started), "loss": loss}), flush=True)
    elif line.strip() == "peak":
        print(json.dumps({"peak": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True)
