"""One call of askew's: what it gave, and the way back to it."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from .errors import Cancelled, Refusal, is_out_of_memory
from .frames import PART, Channel, Header, Tensors, Written


class Call:
    def __init__(self, channel: Channel, header: Header, tensors: Tensors) -> None:
        self.id: int = header["id"]
        self.header = header
        self.tensors = tensors
        self.cancelled = False
        # Rows of a sampling call that askew needs no more tokens of.
        self.ended: set[int] = set()
        self._channel = channel

    def event(self, header: Header, tensors: Written | None = None) -> None:
        self._channel.write({"id": self.id, "event": header}, tensors)

    def notice(self, text: str) -> None:
        """One line that the user should read."""
        self._channel.write({"id": self.id, "notice": text})

    def parts(self, named: Iterable[tuple[str, torch.Tensor]]) -> None:
        """Many tensors, in frames of bounded size."""
        held: Tensors = {}
        size = 0
        for name, tensor in named:
            self.check()
            own = tensor.numel() * tensor.element_size()
            if held and size + own > PART:
                self.event({}, held)
                held, size = {}, 0
            held[name] = tensor
            size += own
        if held:
            self.event({}, held)

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled()

    def texts(self, name: str = "texts") -> list[list[int]]:
        """Token ids of several texts: `ids`, one after the other, and `lengths`."""
        ids = self.tensors[f"{name}.ids"].tolist()
        texts: list[list[int]] = []
        at = 0
        for length in self.tensors[f"{name}.lengths"].tolist():
            texts.append(ids[at : at + length])
            at += length
        if at != len(ids):
            raise ValueError(f"{name}: {len(ids)} ids for lengths of {at}")
        return texts


def answered_of(mask: torch.Tensor, rows: list[list[int]]) -> list[list[int]]:
    """For each row, the positions whose next token is answered for; the first token has nothing before it."""
    found = []
    at = 0
    flags = mask.tolist()
    for ids in rows:
        own = flags[at : at + len(ids)]
        found.append([i - 1 for i, is_answered in enumerate(own) if is_answered and i > 0])
        at += len(ids)
    return found


def weights_of(weights: torch.Tensor | None, rows: list[list[int]], answered: list[list[int]]) -> list[list[float]] | None:
    """For each row, the weight of every token that is answered for, in the order of `answered_of`."""
    if weights is None:
        return None
    found = []
    at = 0
    for ids, places in zip(rows, answered, strict=True):
        own = weights[at : at + len(ids)].tolist()
        found.append([own[place + 1] for place in places])
        at += len(ids)
    return found


class Portions:
    """Cuts work into portions. One that does not fit into memory is halved, and so are all after it."""

    def __init__(self, call: Call, rows: int, what: str) -> None:
        self._call = call
        self._what = what
        self.rows = rows

    def run(self, items: list, work) -> None:
        """`work` gets a list of items; where it runs out of memory it must leave nothing half done."""
        waiting = list(items)
        while waiting:
            self._call.check()
            portion = waiting[: self.rows]
            try:
                work(portion)
            except (torch.OutOfMemoryError, RuntimeError) as error:
                self.halve(error, len(portion))
                continue
            waiting = waiting[self.rows :]

    def halve(self, error: BaseException, count: int) -> None:
        """After an error in a portion of `count` rows: halves the portions, or raises it again."""
        if not is_out_of_memory(error):
            raise error
        detail = str(error).splitlines()[0][:200]
        free_memory()
        if count <= 1:
            raise Refusal("memory", f"{self._what}: out of memory with one row at a time ({detail})") from error
        self.rows = max(1, count // 2)
        self._call.notice(f"{self._what}: out of memory with {count} rows at a time; goes on with {self.rows}.")


def free_memory() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
