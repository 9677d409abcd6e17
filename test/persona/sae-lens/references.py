"""Writes small autoencoders of SAELens, and what it computes with them, into test/fixtures/sae-lens.json.

    pip install sae-lens==6.54.0
    python test/persona/sae-lens/references.py
"""
import json
import pathlib
import tempfile

import torch
from safetensors.torch import load_file
from sae_lens import SAE
from sae_lens.saes.sae import SAEMetadata
from sae_lens.saes.gated_sae import GatedSAE, GatedSAEConfig
from sae_lens.saes.jumprelu_sae import JumpReLUSAE, JumpReLUSAEConfig
from sae_lens.saes.standard_sae import StandardSAE, StandardSAEConfig
from sae_lens.saes.topk_sae import TopKSAE, TopKSAEConfig

WIDTH, SIZE, TOKENS = 6, 14, 5
CASES = {
    "standard": (StandardSAE, StandardSAEConfig, {}),
    "standard, input not centred": (StandardSAE, StandardSAEConfig, dict(apply_b_dec_to_input=False)),
    "standard, rescaled to one length": (StandardSAE, StandardSAEConfig, dict(normalize_activations="constant_norm_rescale")),
    "standard, standardised": (StandardSAE, StandardSAEConfig, dict(normalize_activations="layer_norm")),
    "topk": (TopKSAE, TopKSAEConfig, dict(k=3)),
    "topk, by lengths of the decoder": (TopKSAE, TopKSAEConfig, dict(k=3, rescale_acts_by_decoder_norm=True)),
    "jumprelu": (JumpReLUSAE, JumpReLUSAEConfig, {}),
    "gated": (GatedSAE, GatedSAEConfig, {}),
}


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.flatten().tolist()]


found = {}
for name, (kind, config, more) in CASES.items():
    torch.manual_seed(len(found))
    meta = SAEMetadata(model_name="tiny", hook_name="blocks.1.hook_resid_post")
    sae = kind(config(d_in=WIDTH, d_sae=SIZE, dtype="float32", device="cpu", metadata=meta, **more))
    with torch.no_grad():
        for key, value in sae.named_parameters():
            value.copy_(torch.randn_like(value) * 0.6)
            if key == "threshold":
                value.abs_()
    x = torch.randn(TOKENS, WIDTH) * 3 + 1
    with tempfile.TemporaryDirectory() as folder:
        sae.save_model(folder)
        cfg = json.loads((pathlib.Path(folder) / "cfg.json").read_text())
        saved = load_file(pathlib.Path(folder) / "sae_weights.safetensors")
        again = SAE.load_from_disk(folder)
        with torch.no_grad():
            latents = again.encode(x)
            decoded = again.decode(latents)
    cfg["metadata"] = {k: v for k, v in cfg["metadata"].items() if v is not None}
    tensors = {key: dict(shape=list(t.shape), data=rounded(t)) for key, t in saved.items()}
    found[name] = dict(cfg=cfg, tensors=tensors, x=rounded(x), latents=rounded(latents), decoded=rounded(decoded))
    print(name, int((latents > 0).sum()), cfg)
path = pathlib.Path(__file__).parents[2] / "fixtures" / "sae-lens.json"
path.write_text(json.dumps(found) + "\n")
