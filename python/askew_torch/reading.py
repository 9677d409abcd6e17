"""Reads given texts: activations after layers, log-probabilities of tokens, whole distributions, branches."""

from __future__ import annotations

import torch

from .call import Call, Portions, answered_of
from .errors import Refusal
from .forward import logits_of, padded
from .frames import Written
from .model import Opened
from .steering import Residual, interventions_of

MOST_ROWS = 32
# Numbers of a batch that are in memory at a time, in its widest place: 2²⁷ in float32 are 512 MiB.
MOST_NUMBERS = 2**27


def portions_by_length(lengths: list[int], numbers: int) -> list[list[int]]:
    """Indexes of texts in batches, texts of like length together. `numbers` are in memory for every token."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        last = batches[-1] if batches else []
        if last and len(last) < MOST_ROWS and (len(last) + 1) * lengths[index] * numbers <= MOST_NUMBERS:
            last.append(index)
        else:
            batches.append([index])
    return batches


@torch.no_grad()
def read(opened: Opened, call: Call) -> None:
    """
    Events, one for every batch: `texts`, the indexes of its texts, and what was asked for of them, one after the other:
    `after.L` [ΣT, W], `next` [Σ(T − 1)], `all` [Σ answered, V].
    """
    texts = call.texts()
    header = call.header
    layers: list[int] = header["layers"]
    wants = header["wants"]
    answered = answered_of(call.tensors["texts.answered"], texts) if wants == "all" else []
    lengths = [len(ids) for ids in texts]
    vocabulary = opened.model.get_input_embeddings().weight.shape[0]
    width = opened.text_config.hidden_size
    numbers = max(8 * width, 2 * vocabulary if wants != "none" else 0) + len(layers) * width

    def work(batch: list[int]) -> None:
        residual = Residual(opened.layers, interventions_of(header, call.tensors))
        residual.rows = batch
        residual.wanted = set(layers)
        tokens, mask = padded([texts[i] for i in batch], opened.input_device)
        time = tokens.shape[1]
        if "answersFrom" in call.tensors:
            start = call.tensors["answersFrom"][batch].to(tokens.device)
            residual.answers = (torch.arange(time, device=tokens.device) >= start[:, None]).float().unsqueeze(-1)
        if header["patchLayer"] is not None:
            residual.patch_layer = header["patchLayer"]
            residual.patch = _patch(call, batch, lengths, time, width)
        # The last position of all foretells nothing that is asked for.
        keep: torch.Tensor | int = torch.arange(max(1, time - 1), device=tokens.device) if wants != "none" else 1
        with residual():
            logits = logits_of(opened, tokens, mask, keep)
        found: Written = {}
        for layer in layers:
            tap = residual.taps[layer].float().cpu()
            found[f"after.{layer}"] = [tap[row, : lengths[i]] for row, i in enumerate(batch)]
        if wants == "next":
            targets = tokens[:, 1:].unsqueeze(-1)
            chosen = logits[:, : time - 1].gather(-1, targets).squeeze(-1) - logits[:, : time - 1].logsumexp(-1)
            found["next"] = torch.cat([chosen[row, : lengths[i] - 1] for row, i in enumerate(batch)])
        elif wants == "all":
            parts = [logits[row, answered[i]].log_softmax(-1) for row, i in enumerate(batch)]
            found["all"] = torch.cat(parts).reshape(-1)
        call.event({"texts": batch}, found)

    batches = portions_by_length(lengths, numbers)
    for batch in batches:
        Portions(call, len(batch), "reading").run(batch, work)


def _patch(call: Call, batch: list[int], lengths: list[int], time: int, width: int) -> torch.Tensor:
    vector = call.tensors.get("patch")
    if vector is not None:
        return vector.expand(len(batch), time, width)
    whole = torch.zeros(len(batch), time, width)
    for row, i in enumerate(batch):
        whole[row, : lengths[i]] = call.tensors[f"patch.{i}"].reshape(lengths[i], width)
    return whole


@torch.no_grad()
def branches(opened: Opened, call: Call) -> None:
    """
    Prompts with several continuations each, every one read as if it alone followed. One event for each text: `along`
    [L, M], `logProbabilities` [M − 1], `after.L` [M, W]; M counts the prompt's last token and all tokens of the branches.
    """
    prompts = call.texts("prompts")
    continuations = call.texts("branches")
    owners: list[int] = call.header["owners"]
    layers: list[int] = call.header["layers"]
    vectors = call.tensors["vectors"]
    texts = [prompts[owner] + ids for owner, ids in zip(owners, continuations, strict=True)]
    lengths = [len(ids) for ids in texts]
    width = opened.text_config.hidden_size
    count = len(opened.layers)
    along: dict[int, torch.Tensor] = {}
    after: dict[int, dict[int, torch.Tensor]] = {}
    logs: dict[int, torch.Tensor] = {}
    vocabulary = opened.model.get_input_embeddings().weight.shape[0]

    def work(batch: list[int]) -> None:
        residual = Residual(opened.layers)
        residual.wanted = set(range(count))
        tokens, mask = padded([texts[i] for i in batch], opened.input_device)
        with residual():
            logits = logits_of(opened, tokens, mask, torch.arange(tokens.shape[1] - 1, device=tokens.device))
        for row, i in enumerate(batch):
            start = len(prompts[owners[i]]) - 1
            places = slice(start, lengths[i])
            taps = [residual.taps[layer][row, places].float().cpu() for layer in range(count)]
            along[i] = torch.stack([taps[layer] @ vectors[layer] for layer in range(count)])
            after[i] = {layer: taps[layer] for layer in layers}
            foretold = logits[row, start : lengths[i] - 1]
            targets = tokens[row, start + 1 : lengths[i]].unsqueeze(-1)
            logs[i] = (foretold.gather(-1, targets).squeeze(-1) - foretold.logsumexp(-1)).cpu()

    for batch in portions_by_length(lengths, max(2 * vocabulary, (count + 8) * width)):
        Portions(call, len(batch), "reading").run(batch, work)
    for text in range(len(prompts)):
        own = [i for i, owner in enumerate(owners) if owner == text]

        def joined(parts: list[torch.Tensor]) -> torch.Tensor:
            """The prompt's last token once, then each branch's own."""
            return torch.cat([parts[0], *[part[1:] for part in parts[1:]]])

        found = {
            "along": joined([along[i].T for i in own]).T.contiguous(),
            "logProbabilities": torch.cat([logs[i] for i in own]),
            **{f"after.{layer}": joined([after[i][layer] for i in own]) for layer in layers},
        }
        call.event({"text": text}, found)


@torch.no_grad()
def logit_effect(opened: Opened, call: Call) -> None:
    """How much a vector in the last residual stream raises each logit; the norm's scale is left out, its gain is not."""
    vector = call.tensors["vector"].to(opened.input_device)
    norm = _final_norm(opened)
    # A vector of ±1 has mean 0 and length √W: what a norm of any kind makes of it is its gain, and a bias cancels.
    signs = torch.ones_like(vector)
    signs[1::2] = -1
    weight = next(norm.parameters())
    there = signs.to(weight.device, weight.dtype)
    gain = ((norm(there) - norm(-there)) / 2 * there).float()
    head = opened.model.get_output_embeddings().weight
    effect = head.float() @ (vector.to(gain.device) * gain).to(head.device)
    call.event({}, {"effect": effect})


def _final_norm(opened: Opened) -> torch.nn.Module:
    decoder = opened.model.get_decoder()
    for name in ("norm", "final_layernorm", "ln_f", "final_layer_norm"):
        norm = getattr(decoder, name, None)
        if norm is not None:
            return norm
    raise Refusal("model", f"the last norm of a {opened.config.model_type} model is not known")
