"""
Batched sampling with a cache of keys and values. Randomness comes with the call, a number in [0, 1) for every token of
every answer, so an answer is the same in any batch and on any device, but for rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import nn
from transformers.cache_utils import DynamicCache, DynamicLayer

from .call import Call, Portions
from .errors import is_out_of_memory
from .forward import forward, padded
from .model import Opened
from .steering import Residual, interventions_of

# A nucleus is counted in whole steps, so that its sum is exact in any order.
STEPS = 2**44
# Share of the rows that may be under way when others are begun.
FULL = 0.75


@dataclass
class Answer:
    row: int
    prompt: list[int]
    limit: int
    ids: list[int] = field(default_factory=list)


@torch.no_grad()
def sample(opened: Opened, call: Call) -> None:
    """
    Events, one for every token of a batch: `rows` (which prompts), `ids`, `logProbabilities`, and `others` [n, K] with
    `otherLogProbabilities` where alternatives are asked for. A frame `{"end": id, "rows": […]}` ends answers.
    """
    limits = call.tensors["limits"].tolist()
    answers = [Answer(row, prompt, limits[row]) for row, prompt in enumerate(call.texts("prompts"))]
    portions = Portions(call, call.header["batch"], "sampling")
    waiting = sorted(answers, key=lambda answer: len(answer.prompt))
    while waiting:
        batch = Batch(opened, call, waiting, portions.rows)
        try:
            batch.run()
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            left = [answer for answer in batch.answers if not _is_done(call, answer)]
            portions.halve(error, len(left))
            waiting = left + waiting


def _is_done(call: Call, answer: Answer) -> bool:
    ended = bool(answer.ids) and answer.ids[-1] in call.header["stop"]
    return ended or len(answer.ids) >= answer.limit or answer.row in call.ended


class Batch:
    """
    Answers under way, a row of the cache each; one that was broken off goes on from the tokens it has. Where rows have
    ended, answers that wait take their places: whoever has many short answers and a long one does not wait for that.
    """

    def __init__(self, opened: Opened, call: Call, waiting: list[Answer], rows: int) -> None:
        self._opened = opened
        self._call = call
        self._waiting = waiting
        self._rows = rows
        self.answers: list[Answer] = []
        self._residual = Residual(opened.layers, interventions_of(call.header, call.tensors))
        self._own_vectors = any(key.endswith(".addEach") for key in call.tensors)

    def run(self) -> None:
        cache, mask, ids = None, None, None
        while True:
            self._call.check()
            kept = [at for at, answer in enumerate(self.answers) if not _is_done(self._call, answer)]
            if len(kept) < len(self.answers):
                self.answers = [self.answers[at] for at in kept]
                if kept:
                    index = torch.tensor(kept, device=mask.device)
                    cache.batch_select_indices(index)
                    mask, ids = mask[index], ids[index]
                else:
                    cache = None
            if self._has_room(cache):
                cache, mask, ids = self._filled(cache, mask, ids)
                continue
            if not self.answers:
                return
            mask = torch.cat([mask, mask.new_ones(len(self.answers), 1)], -1)
            self._residual.rows = [answer.row for answer in self.answers]
            self._residual.answers = torch.ones(len(self.answers), 1, 1, device=mask.device)
            ids = self._draw(self._step(ids.unsqueeze(-1), mask, cache), self.answers)

    def _has_room(self, cache) -> bool:
        if not self._waiting:
            return False
        # Reading prompts takes as long as a step of all rows: it is worth it for some rows, not for each.
        return cache is None or (len(self.answers) <= self._rows * FULL and can_join(cache))

    def _filled(self, cache, mask, ids):
        """Reads the prompts of answers that wait, draws their first tokens, and puts them beside those under way."""
        count = self._rows - len(self.answers)
        added = self._waiting[:count]
        del self._waiting[:count]
        before = self.answers
        self.answers = before + added
        logits, own_cache, own_mask = self._begin(added)
        own_ids = self._draw(logits, added)
        if cache is None:
            return own_cache, own_mask, own_ids
        mask = joined(cache, mask, own_cache, own_mask)
        return cache, mask, torch.cat([ids, own_ids])

    def _begin(self, answers: list[Answer]):
        """Reads the prompts, equal ones once, and gives every answer its row."""
        texts: list[list[int]] = []
        rows: list[int] = []
        starts: list[int] = []
        place: dict[object, int] = {}
        at = []
        for answer in answers:
            ids = answer.prompt + answer.ids
            key = answer.row if self._own_vectors else tuple(ids)
            if key not in place:
                place[key] = len(texts)
                texts.append(ids)
                rows.append(answer.row)
                starts.append(len(answer.prompt))
            at.append(place[key])
        tokens, mask = padded(texts, self._opened.input_device, left=True)
        self._residual.rows = rows
        # Where an answer begins, counted from the left end of its padding.
        begins = [tokens.shape[1] - len(ids) + start for ids, start in zip(texts, starts, strict=True)]
        begin = torch.tensor(begins, device=tokens.device)[:, None]
        self._residual.answers = (torch.arange(tokens.shape[1], device=tokens.device) >= begin).float().unsqueeze(-1)
        with self._residual():
            output = forward(self._opened, tokens, mask, 1, use_cache=True)
        index = torch.tensor(at, device=tokens.device)
        cache = output.past_key_values
        if len(texts) < len(at) or at != list(range(len(at))):
            cache.batch_select_indices(index)
        return output.logits[:, -1].float()[index], cache, mask[index]

    def _step(self, tokens: torch.Tensor, mask: torch.Tensor, cache) -> torch.Tensor:
        with self._residual():
            output = forward(self._opened, tokens, mask, 1, use_cache=True, past_key_values=cache)
        return output.logits[:, -1].float()

    def _draw(self, logits: torch.Tensor, answers: list[Answer]) -> torch.Tensor:
        header = self._call.header
        logs = logits.log_softmax(-1)
        temperature, top_p = header["temperature"], header["topP"]
        if temperature == 0:
            ids = logs.argmax(-1)
        else:
            weights = (logits / temperature).softmax(-1)
            rows = [answer.row for answer in answers]
            places = [len(answer.ids) for answer in answers]
            uniforms = self._call.tensors["uniforms"][rows, places].to(weights.device)
            ids = nucleus(weights, top_p, uniforms) if top_p < 1 else inverse(weights, uniforms)
        chosen = logs.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
        for answer, id in zip(answers, ids.tolist(), strict=True):
            answer.ids.append(id)
        found = {
            "rows": torch.tensor([answer.row for answer in answers], dtype=torch.int32),
            "ids": ids.int(),
            "logProbabilities": chosen,
        }
        count = header["alternatives"]
        if count > 0:
            most = logs.topk(count, dim=-1)
            found["others"] = most.indices.int()
            found["otherLogProbabilities"] = most.values
        self._call.event({}, found)
        return ids


def can_join(cache) -> bool:
    """Whether all layers keep the keys of all tokens: one that keeps a window of them has other places in it."""
    return type(cache) is DynamicCache and all(
        type(layer) is DynamicLayer and layer.is_initialized for layer in cache.layers
    )


def joined(cache, mask: torch.Tensor, other, other_mask: torch.Tensor) -> torch.Tensor:
    """Puts the rows of another cache below those of `cache`, both padded on the left; returns the mask of all."""
    # What is padding in all rows goes first.
    longest = int(mask.sum(-1).max())
    length = max(longest, other_mask.shape[1])
    for layer, own in zip(cache.layers, other.layers, strict=True):
        layer.keys = torch.cat([_of_length(layer.keys, length), _of_length(own.keys, length)])
        layer.values = torch.cat([_of_length(layer.values, length), _of_length(own.values, length)])
    ours, theirs = (_of_length(one[:, None, :, None], length)[:, 0, :, 0] for one in (mask, other_mask))
    return torch.cat([ours, theirs])


def _of_length(states: torch.Tensor, length: int) -> torch.Tensor:
    """States [B, H, T, D] of the last `length` tokens, zeros before them where there are fewer."""
    short = length - states.shape[2]
    if short <= 0:
        return states[:, :, -short:]
    return nn.functional.pad(states, (0, 0, short, 0))


def inverse(weights: torch.Tensor, uniforms: torch.Tensor) -> torch.Tensor:
    """The id at which the running sum of the weights [B, V] passes the share of it that is drawn."""
    sums = weights.double().cumsum(-1)
    target = uniforms.double() * sums[:, -1]
    ids = (sums <= target[:, None]).sum(-1)
    return torch.where(ids < weights.shape[-1], ids, weights.argmax(-1))


def nucleus(weights: torch.Tensor, share: float, uniforms: torch.Tensor) -> torch.Tensor:
    """The same among the smallest set of the likeliest tokens that has `share` of the sum; ids of equal weight in order."""
    steps = (weights.double() * STEPS).round().long()
    order = weights.argsort(dim=-1, descending=True, stable=True)
    sums = steps.gather(-1, order).cumsum(-1)
    last = (sums.double() < share * sums[:, -1:].double()).sum(-1).clamp(max=weights.shape[-1] - 1)
    ranks = torch.empty_like(order).scatter_(-1, order, torch.arange(order.shape[-1], device=order.device).expand_as(order))
    inside = torch.where(ranks <= last[:, None], steps, 0).cumsum(-1)
    target = uniforms.double() * inside[:, -1].double()
    ids = (inside.double() <= target[:, None]).sum(-1)
    return torch.where(ids < weights.shape[-1], ids, weights.argmax(-1))
