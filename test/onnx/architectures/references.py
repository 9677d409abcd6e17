"""Writes what the Python library `transformers` computes with tiny models whose weights follow from a formula.

    pip install torch==2.13.0 transformers==5.23.* safetensors
    python test/onnx/architectures/references.py [NAME…]

The weights are integers hashed to numbers, so that weights.ts makes the same ones, bit for bit.
"""
import json
import pathlib
import sys

import numpy as np
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent / "references"
VOCABULARY = 32
SHARED = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=3, num_attention_heads=4,
              num_key_value_heads=2, max_position_embeddings=512, bos_token_id=None, eos_token_id=None, pad_token_id=None)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=128)
SHORT, LONG = [1.0, 1.1, 1.5], [1.0, 2.0, 4.0]

# Name → config.json in the manner of transformers 4.
CONFIGS = {
    "llama": dict(SHARED, model_type="llama", rope_theta=10000.0, tie_word_embeddings=True, rms_norm_eps=1e-5),
    "llama-3.1": dict(SHARED, model_type="llama", rope_theta=10000.0, rope_scaling=LLAMA3, head_dim=8),
    "llama-linear": dict(SHARED, model_type="llama", rope_scaling=dict(type="linear", factor=4.0)),
    "mistral": dict(SHARED, model_type="mistral", sliding_window=7, rope_theta=1000.0),
    "qwen2": dict(SHARED, model_type="qwen2", rope_theta=1000000.0, tie_word_embeddings=True),
    "qwen2-sliding": dict(SHARED, model_type="qwen2", use_sliding_window=True, sliding_window=5, max_window_layers=1),
    "qwen3": dict(SHARED, model_type="qwen3", head_dim=8, rope_theta=1000000.0, tie_word_embeddings=True),
    "gemma-2": dict(SHARED, model_type="gemma2", head_dim=8, query_pre_attn_scalar=6, sliding_window=6,
                    attn_logit_softcapping=2.0, final_logit_softcapping=3.0, hidden_activation="gelu_pytorch_tanh"),
    "gemma-3": dict(SHARED, model_type="gemma3_text", num_hidden_layers=4, head_dim=8, query_pre_attn_scalar=6,
                    sliding_window=6, sliding_window_pattern=2, rope_theta=1000000.0, rope_local_base_freq=100.0,
                    rope_scaling=dict(rope_type="linear", factor=8.0), hidden_activation="gelu_pytorch_tanh"),
    "olmo-2": dict(SHARED, model_type="olmo2", num_key_value_heads=4, rope_theta=500000.0),
    "phi-3": dict(SHARED, model_type="phi3", sliding_window=9, num_key_value_heads=4, original_max_position_embeddings=512),
    "phi-4-mini": dict(SHARED, model_type="phi3", num_attention_heads=2, num_key_value_heads=1, head_dim=8,
                       partial_rotary_factor=0.75, tie_word_embeddings=True, max_position_embeddings=1024,
                       original_max_position_embeddings=256,
                       rope_scaling=dict(type="longrope", short_factor=SHORT, long_factor=LONG)),
}


def hashed(name: str, count: int) -> np.ndarray:
    """Numbers in [−½, ½) by MurmurHash3's last step over the index, begun at the name's FNV-1a hash."""
    salt = 2166136261
    for byte in name.encode():
        salt = (salt ^ byte) * 16777619 % 2**32
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(salt)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return h.astype(np.float64) / 2**32 - 0.5


def weights_of(model, kind: str) -> dict:
    made = {}
    for name, old in model.state_dict().items():
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue
        numbers = hashed(name, old.numel())
        if old.dim() == 1:
            centre = 0.0 if name.endswith("bias") or kind.startswith("gemma") else 1.0
            numbers = centre + 0.6 * numbers
        else:
            numbers = numbers * (2.0 if "embed_tokens" in name else 6.0 / np.sqrt(old.shape[-1]))
        made[name] = torch.tensor(numbers.astype(np.float32).reshape(old.shape))
    return made


def step(model, ids, answered, rate=0.002):
    """Loss and gradient norm of one row, and the loss after one step of AdamW as askew takes it."""
    def loss_of():
        found = torch.log_softmax(model(torch.tensor([ids])).logits[0].float(), -1)
        return -torch.stack([found[i - 1, ids[i]] for i in answered]).mean()
    loss = loss_of()
    loss.backward()
    parameters = [p for p in model.parameters() if p.grad is not None]
    norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    groups = [dict(params=[p for p in parameters if p.dim() >= 2], weight_decay=0.01),
              dict(params=[p for p in parameters if p.dim() < 2], weight_decay=0.0)]
    torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), eps=1e-8).step()
    with torch.no_grad():
        return loss.item(), norm.item(), loss_of().item()


def main():
    HERE.mkdir(exist_ok=True)
    for name, older in CONFIGS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        kind = older["model_type"]
        config = AutoConfig.for_model(**older)
        config._attn_implementation = "eager"
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
        missing, unexpected = model.load_state_dict(weights_of(model, kind), strict=False)
        assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
        model.tie_weights()
        ids = [int(x) for x in ((hashed("ids", 24) + 0.5) * VOCABULARY)]
        prompt = ids[:5]
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].double()
            greedy, margin, past = list(prompt), 1e9, None
            for _ in range(200):
                found = model(torch.tensor([greedy])).logits[0, -1]
                best = found.topk(2).values
                margin = min(margin, (best[0] - best[1]).item())
                greedy.append(int(found.argmax()))
        loss, norm, after = step(model, ids, range(9, 24))
        rounded = [[float(f"{x:.7g}") for x in row] for row in logits.log_softmax(-1).tolist()]
        newer = {k: v for k, v in json.loads(config.to_json_string(use_diff=False)).items()}
        result = dict(transformers=transformers.__version__, torch=torch.__version__.split("+")[0], config4=older, config5=newer, ids=ids,
                      greedy=greedy[5:], smallestMargin=margin, training=dict(rate=0.002, answerFrom=9, loss=loss, norm=norm, after=after),
                      logProbabilities=rounded)
        (HERE / f"{name}.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
        print(f"{name:14} margin {margin:.1e} distinct {len(set(greedy))} loss {loss:.4f} → {after:.4f} norm {norm:.3f}")


if __name__ == "__main__":
    main()
