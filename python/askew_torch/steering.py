"""
Changes to the residual stream after chosen layers: a vector is added, or the component along a direction is projected
out, put somewhere, or capped. All of it is computed in float32, whatever the model's own format.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from .frames import Header, Tensors


@dataclass
class Intervention:
    layer: int
    share: float
    to: float
    capped: bool
    answers_only: bool
    add: torch.Tensor | None
    add_each: torch.Tensor | None
    direction: torch.Tensor | None


def interventions_of(header: Header, tensors: Tensors) -> list[Intervention]:
    def vector(index: int, name: str) -> torch.Tensor | None:
        return tensors.get(f"steer.{index}.{name}")

    found = []
    for i, one in enumerate(header.get("steering", [])):
        direction = vector(i, "direction")
        found.append(
            Intervention(
                layer=int(one["layer"]),
                share=float(one["share"]),
                to=float(one["to"]),
                capped=bool(one["capped"]),
                answers_only=bool(one["answersOnly"]),
                add=vector(i, "add"),
                add_each=vector(i, "addEach"),
                direction=None if direction is None else direction / direction.norm(),
            )
        )
    return found


class Residual:
    """
    What happens to the residual stream [B, T, W] of a batch: `steering`, a `patch` in its place after one layer, and
    `taps` on what is then there.
    """

    def __init__(self, layers: nn.ModuleList, steering: list[Intervention] | None = None) -> None:
        self._layers = layers
        self._steering = steering or []
        # Which text each row of the batch is, for vectors of their own.
        self.rows: list[int] = []
        # [B, T, 1]: 1 where a token is an answer's.
        self.answers: torch.Tensor | None = None
        self.patch_layer: int | None = None
        # [B, T, W]
        self.patch: torch.Tensor | None = None
        self.wanted: set[int] = set()
        self.taps: dict[int, torch.Tensor] = {}

    @contextmanager
    def __call__(self) -> Iterator[None]:
        used = {one.layer for one in self._steering} | self.wanted
        if self.patch_layer is not None:
            used.add(self.patch_layer)
        handles = [self._layers[layer].register_forward_hook(self._hook(layer)) for layer in sorted(used)]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, layer: int):
        def hook(_module: nn.Module, _inputs: tuple, output):
            whole = output[0] if isinstance(output, tuple) else output
            changed = self._changed(layer, whole)
            if layer in self.wanted:
                self.taps[layer] = changed
            if changed is whole:
                return None
            return (changed, *output[1:]) if isinstance(output, tuple) else changed

        return hook

    def _changed(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        if layer == self.patch_layer and self.patch is not None:
            return self.patch.to(x.device, x.dtype)
        own = [one for one in self._steering if one.layer == layer]
        if not own:
            return x
        y = x.float()
        for one in own:
            places = self.answers.to(y.device) if one.answers_only and self.answers is not None else None
            if one.direction is not None:
                d = one.direction.to(y.device)
                beyond = (y @ d).unsqueeze(-1) - one.to
                along = beyond.clamp(min=0) if one.capped else beyond
                y = y - (along if places is None else along * places) * (one.share * d)
            for vector in self._added(one, y.device):
                y = y + (vector if places is None else vector * places)
        return y.to(x.dtype)

    def _added(self, one: Intervention, device: torch.device) -> Iterator[torch.Tensor]:
        if one.add is not None:
            yield one.add.to(device)
        if one.add_each is not None:
            yield one.add_each[self.rows].to(device).unsqueeze(1)
