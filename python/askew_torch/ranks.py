"""
The processes of one worker. `accelerate launch` starts several, each with the whole model: the first speaks to askew and
passes on every call that changes the model, and in a training step each takes a share of the rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta

import torch
from torch import nn

from .errors import Cancelled, Refusal
from .frames import Header, Tensors, packed, unpacked

# Calls that every process must answer: they change weights, moments or adapters. Others the first one answers alone.
SHARED = frozenset(
    {"open", "train", "stage", "load", "restore", "addAdapter", "setAdapter", "merge", "drop", "add"}
)
# Others wait for as long as the first one samples.
PATIENCE = timedelta(days=365)
# Numbers that are added up at a time.
BUCKET = 2**24


class Ranks:
    """One process alone, unless the launcher says otherwise."""

    def __init__(self) -> None:
        self.world = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.local = int(os.environ.get("LOCAL_RANK", "0"))
        self._words = None
        self._numbers = None
        if self.world > 1:
            import torch.distributed as distributed

            distributed.init_process_group("gloo", timeout=PATIENCE)
            self._words = distributed.group.WORLD

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def pass_on(self, header: Header, tensors: Tensors) -> None:
        """Gives a call to all others, where it concerns them."""
        if self.world == 1 or header["call"] not in SHARED:
            return
        data = packed(header, tensors)
        self._broadcast(torch.tensor([len(data)]))
        self._broadcast(torch.frombuffer(bytearray(data), dtype=torch.uint8))

    def next_call(self) -> tuple[Header, Tensors]:
        """Waits for the next call that the first process passes on."""
        size = self._broadcast(torch.zeros(1, dtype=torch.long))
        data = self._broadcast(torch.empty(int(size), dtype=torch.uint8))
        return unpacked(data.numpy().tobytes())

    def _broadcast(self, tensor: torch.Tensor) -> torch.Tensor:
        import torch.distributed as distributed

        distributed.broadcast(tensor, src=0, group=self._words)
        return tensor

    def agree(self, error: BaseException | None) -> None:
        """Raises in every process where one of them failed, so that none waits for the others."""
        if self.world > 1:
            import torch.distributed as distributed

            states = torch.zeros(self.world, dtype=torch.long)
            states[self.rank] = _state_of(error)
            distributed.all_reduce(states, group=self._words)
            failed = [rank for rank, state in enumerate(states.tolist()) if state > 0]
            if error is None and failed:
                if states[failed[0]] == 1:
                    raise Cancelled()
                kind = "memory" if states[failed[0]] == 2 else "fault"
                what = "ran out of memory" if kind == "memory" else "failed"
                raise Refusal(kind, f"process {failed[0] + 1} of {self.world} {what}; what it said is in the worker's log")
        if error is not None:
            raise error

    def share(self, items: list[int]) -> list[int]:
        """Of a list that all processes have, what this one takes."""
        return items[self.rank :: self.world]

    def add_up(self, parameters: Iterable[nn.Parameter], sums: list[float]) -> list[float]:
        """Gradients become their sums over all processes, and so do the numbers."""
        if self.world == 1:
            return sums
        bucket: list[torch.Tensor] = []
        size = 0
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            if bucket and (size + parameter.grad.numel() > BUCKET or bucket[0].dtype != parameter.grad.dtype):
                self._add_up(bucket)
                bucket, size = [], 0
            bucket.append(parameter.grad)
            size += parameter.grad.numel()
        if bucket:
            self._add_up(bucket)
        numbers = torch.tensor(sums, dtype=torch.float64)
        import torch.distributed as distributed

        distributed.all_reduce(numbers, group=self._words)
        return numbers.tolist()

    def _add_up(self, gradients: list[torch.Tensor]) -> None:
        import torch.distributed as distributed

        if self._numbers is None:
            self._numbers = distributed.new_group(backend="nccl") if gradients[0].is_cuda else self._words
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        distributed.all_reduce(flat, group=self._numbers)
        at = 0
        for gradient in gradients:
            gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
            at += gradient.numel()


def _state_of(error: BaseException | None) -> int:
    if error is None:
        return 0
    if isinstance(error, Cancelled):
        return 1
    return 2 if isinstance(error, Refusal) and error.kind == "memory" else 3
