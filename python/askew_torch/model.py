"""A causal language model of transformers', found, opened, and described as askew needs it."""

from __future__ import annotations

import hashlib
import inspect
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn

from .errors import Refusal

# Files that askew reads for itself: text alone.
TEXTS = ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")
LONGEST_TEXT = 64 * 2**20
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "qkv_proj", "gate_up_proj")


@dataclass(frozen=True)
class Place:
    folder: Path
    adapter: Path | None


def find(name: str) -> Place:
    """A folder, a name on the Hugging Face hub, or one of them with an adapter: BASE+ADAPTER."""
    if os.path.isdir(name):
        return Place(Path(name), None)
    at = name.find("+")
    while 0 < at < len(name) - 1:
        if os.path.isdir(name[at + 1 :]):
            return Place(find(name[:at]).folder, Path(name[at + 1 :]))
        at = name.find("+", at + 1)
    if name.startswith(("/", ".", "~")) or name.count("/") > 1:
        raise Refusal("path", f"there is no folder {name}")
    return Place(_fetched(name), None)


def _fetched(name: str) -> Path:
    """A model of the hub, from the cache or fetched once. Only JSON, templates and safetensors: nothing that runs."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.jinja"]))
    except GatedRepoError as error:
        raise Refusal(
            "gated",
            f"{name} is gated. Accept its terms on huggingface.co and set HF_TOKEN to a token that may read it",
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise Refusal("path", f"there is neither a folder {name} nor such a model on the hub") from error
    except (LocalEntryNotFoundError, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        raise Refusal("network", f"{name} is neither a folder nor in the cache, and the hub did not answer: {reason}") from error


def device_of(wanted: str) -> str:
    """`auto` is the first accelerator, or all GPUs where there are several."""
    if wanted != "auto":
        kind = wanted.split(":")[0]
        there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
        if not there.get(kind, False):
            has = ", ".join(name for name, is_there in there.items() if is_there)
            raise Refusal("device", f"there is no device {wanted}: this Python has {has}. Set ASKEW_TORCH_DEVICE")
        return wanted
    if torch.cuda.is_available():
        return "all" if torch.cuda.device_count() > 1 else "cuda:0"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def device_of_rank(wanted: str, local: int) -> str:
    """Each process has a GPU of its own, or all of them the CPU."""
    if wanted.split(":")[0] == "mps":
        raise Refusal("device", "several processes need GPUs of their own, and an Apple GPU is one. Unset ASKEW_TORCH_PROCESSES")
    if wanted == "cpu" or not torch.cuda.is_available():
        return "cpu" if wanted == "auto" else wanted
    if local >= torch.cuda.device_count():
        there = torch.cuda.device_count()
        raise Refusal("device", f"there are {there} GPUs for more processes. Set ASKEW_TORCH_PROCESSES to at most {there}")
    torch.cuda.set_device(local)
    return f"cuda:{local}"


def dtype_of(wanted: str, device: str) -> torch.dtype:
    known = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if wanted == "auto":
        on_gpu = device == "all" or device.startswith("cuda")
        return torch.bfloat16 if on_gpu and torch.cuda.is_bf16_supported() else torch.float32
    if wanted not in known:
        raise Refusal("dtype", f"expected a number format of {', '.join(known)} or auto, found {wanted}")
    return known[wanted]


class Opened:
    """The model and what is known of it."""

    def __init__(self, name: str, device: str, dtype: str, four_bit: bool) -> None:
        self.place = find(name)
        self.device = device_of(device)
        self.dtype = dtype_of(dtype, self.device)
        self.four_bit = four_bit
        self.config = self._read_config()
        self.model: nn.Module = self.fresh(on_device=True)
        self.model.eval()
        self.layers = self._find_layers()
        accepted = inspect.signature(self.model.forward).parameters
        self.takes_positions = "position_ids" in accepted
        self.takes_keep = "logits_to_keep" in accepted

    def _read_config(self) -> Any:
        folder = self.place.folder
        try:
            config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
        except Exception as error:  # each kind of model checks its config in its own way
            reason = str(error).splitlines()[0][:300]
            raise Refusal("model", f"{folder}: transformers {transformers.__version__} cannot open it: {reason}") from error
        if type(config) not in transformers.AutoModelForCausalLM._model_mapping:
            raise Refusal("model", f"{folder}: a {config.model_type} model is no causal language model for transformers")
        return config

    @property
    def text_config(self) -> Any:
        return self.config.get_text_config()

    def fresh(self, on_device: bool) -> nn.Module:
        """The model as it is on disk, an adapter merged in; on the CPU it is never quantised."""
        options: dict[str, Any] = {"dtype": self.dtype}
        if on_device and self.four_bit:
            options["quantization_config"] = _four_bit(self.dtype)
        if on_device and (self.device == "all" or self.four_bit):
            options["device_map"] = "auto" if self.device == "all" else {"": self.device}
        # Soft caps of attention are left out by the fused kernels.
        if getattr(self.text_config, "attn_logit_softcapping", None):
            options["attn_implementation"] = "eager"
        try:
            model = transformers.AutoModelForCausalLM.from_pretrained(
                self.place.folder, config=self.config, trust_remote_code=False, use_safetensors=True, **options
            )
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0][:300]
            raise Refusal("model", f"{self.place.folder}: transformers {transformers.__version__} cannot open it: {reason}") from error
        if on_device and "device_map" not in options:
            model = model.to(self.device)
        return model if self.place.adapter is None else self._with_adapter(model, self.place.adapter)

    def _with_adapter(self, model: nn.Module, adapter: Path) -> nn.Module:
        from peft import PeftModel

        try:
            return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        except (ValueError, OSError, RuntimeError, KeyError) as error:
            reason = str(error).splitlines()[0][:300]
            raise Refusal("adapter", f"{adapter}: PEFT cannot put it on {self.place.folder}: {reason}") from error

    def _find_layers(self) -> nn.ModuleList:
        count = self.text_config.num_hidden_layers
        for name, module in self.model.named_modules():
            if isinstance(module, nn.ModuleList) and len(module) == count and name.split(".")[-1] in ("layers", "h", "blocks"):
                return module
        raise Refusal("model", f"{self.place.folder}: no list of {count} layers is in a {self.config.model_type} model")

    @property
    def input_device(self) -> torch.device:
        return self.model.get_input_embeddings().weight.device

    def described(self) -> dict[str, Any]:
        text = self.text_config
        generation = getattr(self.model, "generation_config", None)
        ends = [_ids(self.config.eos_token_id), _ids(text.eos_token_id), _ids(getattr(generation, "eos_token_id", None))]
        return {
            "layers": text.num_hidden_layers,
            "width": text.hidden_size,
            "vocabSize": self.model.get_input_embeddings().weight.shape[0],
            "maxPositions": int(getattr(text, "max_position_embeddings", None) or 2**20),
            "endIds": list(dict.fromkeys(id for ids in ends for id in ids)),
            "modules": {name: list(shape) for name, shape in self.modules().items()},
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "device": self.device if self.device != "all" else f"{torch.cuda.device_count()} GPUs",
            "dtype": str(self.dtype).removeprefix("torch."),
            "origin": str(self.place.folder.resolve()),
            "isAlone": self.place.adapter is None,
        }

    def modules(self) -> dict[str, tuple[int, int]]:
        """The linear layers that an adapter may be on: name → [out, in]."""
        return {
            name: (module.out_features, module.in_features)
            for name, module in self.model.named_modules()
            if isinstance(module, nn.Linear) and name.split(".")[-1] in PROJECTIONS
        }

    def texts(self) -> dict[str, torch.Tensor]:
        """The files that askew reads, as bytes."""
        found = {}
        for name in TEXTS:
            path = self.place.folder / name
            if path.is_file() and path.stat().st_size <= LONGEST_TEXT:
                found[name] = torch.frombuffer(bytearray(path.read_bytes() or b" "), dtype=torch.uint8)
        return found

    def hashes(self) -> dict[str, str]:
        """sha256 of every file that the model was made of."""
        folder, adapter = self.place.folder, self.place.adapter
        paths = [(path.name, path) for path in sorted(folder.glob("*.safetensors"))]
        named = (*TEXTS, "model.safetensors.index.json")
        paths += [(name, folder / name) for name in named if (folder / name).is_file()]
        if adapter is not None:
            parts = ("adapter_config.json", "adapter_model.safetensors")
            paths += [(f"adapter/{name}", adapter / name) for name in parts]
        return {name: _sha256(path) for name, path in paths}


def _ids(given: Any) -> list[int]:
    if given is None:
        return []
    return [int(id) for id in given] if isinstance(given, (list, tuple)) else [int(given)]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(2**22):
            digest.update(chunk)
    return digest.hexdigest()


def _four_bit(dtype: torch.dtype) -> Any:
    import importlib.util

    if importlib.util.find_spec("bitsandbytes") is None:
        raise Refusal("quantise", "a base in 4 bits needs bitsandbytes, which this Python does not have: pip install bitsandbytes")
    if not torch.cuda.is_available():
        raise Refusal("quantise", "a base in 4 bits needs a GPU of NVIDIA's, and this Python sees none")
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )


def parameters_of(model: nn.Module) -> dict[str, nn.Parameter]:
    """The model's own weights by the names that its files have, each once: an adapter beside them is left out."""
    return {
        name.replace(".base_layer.", "."): parameter
        for name, parameter in model.named_parameters()
        if ".lora_" not in name
    }


def replace(model: nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Puts weights of the same shapes in place of all of the model's."""
    own = parameters_of(model)
    surplus = [name for name in tensors if name not in own and not name.endswith(("lm_head.weight", "rotary_emb.inv_freq"))]
    missing = [name for name in own if name not in tensors]
    if surplus or missing:
        raise Refusal("weights", f"the weights are of another model: {(surplus or missing)[0]} is {'not in this one' if surplus else 'missing'}")
    with torch.no_grad():
        for name, parameter in own.items():
            if parameter.shape != tensors[name].shape:
                found = list(tensors[name].shape)
                raise Refusal("weights", f"the weights are of another model: {name} is {found}, expected {list(parameter.shape)}")
            parameter.copy_(tensors[name])
