"""What a call may end with, in place of a result."""

from __future__ import annotations

import torch


class Refusal(Exception):
    """Something that the user can put right. `kind` is for askew, the message for the user."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Cancelled(Exception):
    """Nobody waits for the result any more."""


def is_out_of_memory(error: BaseException) -> bool:
    """CUDA has an error of its own; the CPU's allocator raises a RuntimeError."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
