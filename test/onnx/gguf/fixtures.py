"""Writes what the Python package `gguf` makes of packed and of unpacked blocks, and a tiny Llama as a GGUF file.

    pip install gguf==0.19.0 numpy
    python test/onnx/gguf/fixtures.py
"""
import base64
import json
import pathlib
import sys

import gguf
import numpy as np
from gguf.quants import dequantize

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "architectures"))
KINDS = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"]
# Where a block has its binary16 scales: random ones would be infinite now and then.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
HALVES = [0.0123, -1.7, 6e-8, 1000.0, -3e-5, 0.0]


def blocks():
    made = {}
    for number, name in enumerate(KINDS):
        kind = gguf.GGMLQuantizationType[name]
        block, size = gguf.GGML_QUANT_SIZES[kind]
        rng = np.random.default_rng(number)
        if name in ("F32", "F16", "BF16"):
            numbers = np.concatenate([rng.standard_normal(60).astype(np.float32) * 3, np.float32([0, -0.0, 1e-7, 65504])])
            packed = gguf.quants.quantize(numbers.reshape(1, -1), kind).view(np.uint8).reshape(-1)
        else:
            packed = rng.integers(0, 256, (3, size), dtype=np.uint8)
            for row in range(3):
                for i, at in enumerate(SCALES[name]):
                    packed[row, at:at + 2] = np.frombuffer(np.float16(HALVES[(2 * row + i) % 6]).tobytes(), np.uint8)
            packed = packed.reshape(-1)
        if name == "F32":
            found = packed.view(np.float32)
        elif name == "F16":
            found = packed.view(np.float16).astype(np.float32)
        else:
            found = dequantize(packed.reshape(1, -1), kind).reshape(-1)
        assert np.isfinite(found).all(), name
        made[name] = dict(bytes=base64.b64encode(packed.tobytes()).decode(),
                          numbers=base64.b64encode(found.astype("<f4").tobytes()).decode())
    (HERE / "blocks.json").write_text(json.dumps(made, separators=(",", ":")) + "\n")


def packed():
    """Numbers, and what `gguf` packs them as: ties between two neighbours, the ends of the range, zeros, tiny ones."""
    rng = np.random.default_rng(7)
    halves = np.float32([2049, 2051, 2048.5, 1 + 2**-11, 1 + 3 * 2**-11, -(1 + 2**-11), 65504, 65519.996, -65504, 2**-14,
                         2**-24, 2**-25, 3 * 2**-25, 2**-26, -(2**-24), 6.1e-5, 1.4e-45, 0.0, -0.0, 0.1])
    brains = np.float32([1 + 2**-8, 1 + 3 * 2**-8, 3.38e38, -3.38e38, 1.4e-45, 1e-40, 0.1, -0.0])
    eighths = np.concatenate([rng.standard_normal(160) * np.repeat([1, 1e-3, 300, 1e-8, 5e4], 32),
                              np.arange(-16, 16) * 127 / 32, np.zeros(32), np.full(32, 127.5), np.full(32, -1e-30)])
    made = {}
    for name, numbers in [("F32", halves), ("F16", np.concatenate([halves, rng.standard_normal(44).astype(np.float32)])),
                          ("BF16", np.concatenate([brains, rng.standard_normal(24).astype(np.float32)])),
                          ("Q8_0", eighths.astype(np.float32))]:
        found = gguf.quants.quantize(numbers.reshape(1, -1), gguf.GGMLQuantizationType[name]).view(np.uint8)
        made[f"{name} numbers"] = base64.b64encode(numbers.astype("<f4").tobytes()).decode()
        made[name] = base64.b64encode(found.tobytes()).decode()
    (HERE / "packed.json").write_text(json.dumps(made, separators=(",", ":")) + "\n")


def llama():
    from references import CONFIGS, hashed
    c = CONFIGS["llama"]
    heads, keys, width = c["num_attention_heads"], c["num_key_value_heads"], c["hidden_size"]
    head = width // heads
    writer = gguf.GGUFWriter(HERE / "tiny-llama.gguf", "llama")
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(keys)
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_rope_freq_base(c["rope_theta"])
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(c["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    tokens = ["<|end|>", "Ġ", *"abcdefghijklmnopqrstuvwxyz", "ab", "Ġa", "Ċ", "<|user|>"]
    writer.add_token_list(tokens)
    writer.add_token_types([3, *[1] * 30, 3])
    writer.add_token_merges(["a b", "Ġ a"])
    writer.add_eos_token_id(0)
    writer.add_chat_template("{% for m in messages %}<|user|>{{ m.content }}<|end|>{% endfor %}"
                             "{% if add_generation_prompt %}<|user|>{% endif %}")

    def weight(name, *shape):
        numbers = hashed(name, int(np.prod(shape)))
        if len(shape) == 1:
            numbers = 1 + 0.6 * numbers
        else:
            numbers = numbers * (2.0 if "embed_tokens" in name else 6.0 / np.sqrt(shape[-1]))
        return numbers.astype(np.float32).reshape(shape)

    def permuted(w, count):  # as llama.cpp's convert_hf_to_gguf.py has it
        return w.reshape(count, 2, w.shape[0] // count // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)

    writer.add_tensor("token_embd.weight", weight("model.embed_tokens.weight", c["vocab_size"], width))
    writer.add_tensor("output_norm.weight", weight("model.norm.weight", width))
    for i in range(c["num_hidden_layers"]):
        at, to, inner = f"model.layers.{i}", f"blk.{i}", c["intermediate_size"]
        for theirs, ours, *shape in [
            ("input_layernorm", "attn_norm", width), ("post_attention_layernorm", "ffn_norm", width),
            ("self_attn.v_proj", "attn_v", keys * head, width), ("self_attn.o_proj", "attn_output", width, width),
            ("mlp.gate_proj", "ffn_gate", inner, width), ("mlp.up_proj", "ffn_up", inner, width),
            ("mlp.down_proj", "ffn_down", width, inner),
        ]:
            writer.add_tensor(f"{to}.{ours}.weight", weight(f"{at}.{theirs}.weight", *shape))
        q = weight(f"{at}.self_attn.q_proj.weight", heads * head, width)
        k = weight(f"{at}.self_attn.k_proj.weight", keys * head, width)
        writer.add_tensor(f"{to}.attn_q.weight", permuted(q, heads))
        writer.add_tensor(f"{to}.attn_k.weight", permuted(k, keys))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    blocks()
    packed()
    llama()
