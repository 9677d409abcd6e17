"""Writes what PEFT computes with adapters of many configurations on a tiny model; all weights follow from a formula.

    pip install torch==2.13.0 transformers==5.23.* peft==0.21.2 safetensors
    python test/onnx/peft/references.py
"""
import json
import pathlib
import sys
import tempfile

import torch
from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "architectures"))
from references import CONFIGS, hashed, weights_of  # noqa: E402

IDS = [3, 17, 5, 29, 11, 2, 8, 23]
SHARED = dict(r=3, lora_alpha=5, task_type="CAUSAL_LM")
# Name → what is given to LoraConfig.
ADAPTERS = {
    "names": dict(SHARED, target_modules=["q_proj", "down_proj"]),
    "all-linear": dict(SHARED, target_modules="all-linear"),
    "pattern": dict(SHARED, target_modules=r"(?P<layer>.*\.[12])\..*\.(q|v|up)_proj"),
    "layers": dict(SHARED, target_modules=["k_proj", "gate_proj"], layers_to_transform=[0, 2], use_rslora=True),
    "excluded": dict(SHARED, target_modules="all-linear", exclude_modules=r".*layers\.1.*|.*(o|gate)_proj"),
    "ranks": dict(SHARED, target_modules=["q_proj", "v_proj", "o_proj"], use_rslora=True,
                  rank_pattern={"layers.1.self_attn.q_proj": 5, "v_proj": 2}, alpha_pattern={r".*\.2\..*o_proj": 9}),
}


def main():
    torch.set_num_threads(1)
    config = CONFIGS["llama"]
    found = {}
    for name, given in ADAPTERS.items():
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config), attn_implementation="eager").eval()
        # A third of the numbers of ../architectures: there rounding alone makes 1e-5.
        weights = {name: w / 3 if w.dim() > 1 else w for name, w in weights_of(model, "llama").items()}
        model.load_state_dict(weights, strict=False)
        adapted = get_peft_model(model, LoraConfig(**given)).eval()
        for parameter, value in adapted.named_parameters():
            if "lora_" in parameter:
                saved = parameter.replace(".default", "")
                value.data = torch.tensor(hashed(saved, value.numel()).reshape(value.shape), dtype=torch.float32)
        with torch.no_grad():
            logits = adapted(torch.tensor([IDS])).logits[0].double()
        with tempfile.TemporaryDirectory() as folder:
            adapted.save_pretrained(folder)
            saved = json.loads((pathlib.Path(folder) / "adapter_config.json").read_text())
            with safe_open(pathlib.Path(folder) / "adapter_model.safetensors", "pt") as file:
                tensors = {key: list(file.get_slice(key).get_shape()) for key in sorted(file.keys())}
        # PEFT writes names in an order of its own each time.
        for key in ("target_modules", "exclude_modules"):
            if isinstance(saved[key], list):
                saved[key] = sorted(saved[key])
        rows = [[round(x, 7) for x in row] for row in logits.log_softmax(-1).tolist()]
        found[name] = dict(config=saved, tensors=tensors, logProbabilities=rows)
    text = json.dumps(dict(model=config, ids=IDS, adapters=found))
    (HERE.parents[1] / "fixtures" / "peft.json").write_text(text + "\n")


main()
