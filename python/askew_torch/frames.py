"""
Frames over a pipe: b"AKT1", the lengths of header and payload (u32 and u64, little-endian), the header as JSON, and the
payload as a safetensors file. Every size is checked before anything is allocated.

On the machine where askew runs, large payloads go through memory that both processes share: frames `{"piece": [at,
bytes], "of": all}` say where the next part of the payload lies, askew answers each with `{"taken": true}`, and the frame
that the payload belongs to comes last. A pipe would hand over the same bytes in thousands of small reads.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import safetensors.torch
import torch

MAGIC = b"AKT1"
LEAD = struct.Struct("<4sIQ")
LONGEST_HEADER = 16 * 2**20
LARGEST_PAYLOAD = 2**32 - 1
# Bytes of tensors that go into one frame where there are many.
PART = 64 * 2**20
# Halves of the shared memory: one is filled while askew reads the other.
HALF = 16 * 2**20
# Payloads below this many bytes are as fast through the pipe.
LARGE = 2**20
DTYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}

Header = dict[str, Any]
Tensors = dict[str, torch.Tensor]
# What is written: parts of one tensor, of one type, go out one after the other.
Written = dict[str, torch.Tensor | list[torch.Tensor]]


class FrameError(Exception):
    """The other side broke the protocol."""


def packed(header: Header, tensors: Tensors) -> bytes:
    """A header and its tensors as one piece, for other processes of the same worker."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + safetensors.torch.save(tensors)


def unpacked(data: bytes) -> tuple[Header, Tensors]:
    (size,) = struct.unpack_from("<Q", data)
    return json.loads(data[8 : 8 + size]), safetensors.torch.load(data[8 + size :])


def views_of(tensors: Written) -> list[memoryview]:
    """The bytes of a safetensors file, without a copy of what lies on the CPU in one piece."""
    ready = {
        name: [part.detach().to("cpu").contiguous() for part in (given if isinstance(given, list) else [given])]
        for name, given in tensors.items()
    }
    names = sorted(ready, key=lambda name: (-ready[name][0].element_size(), name))
    listed, views, at = {}, [], 0
    for name in names:
        parts = ready[name]
        own = [memoryview(part.reshape(-1).view(torch.uint8).numpy()) for part in parts]
        end = at + sum(len(view) for view in own)
        shape = list(parts[0].shape) if len(parts) == 1 else [sum(len(part) for part in parts), *parts[0].shape[1:]]
        listed[name] = {"dtype": DTYPES[parts[0].dtype], "shape": shape, "data_offsets": [at, end]}
        views += own
        at = end
    text = json.dumps(listed, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [memoryview(struct.pack("<Q", len(text)) + text), *views]


class Shared:
    """Memory that askew reads, too: a file without a name, which the process was started with."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._free = threading.Semaphore(2)
        self._half = 0

    def taken(self) -> None:
        self._free.release()

    def put(self, views: list[memoryview]) -> Iterator[tuple[int, int]]:
        """Where each part of the bytes lies, and how long it is."""
        filled = 0
        for view in views:
            while len(view) > 0:
                if filled == 0:
                    self._free.acquire()
                count = os.pwrite(self._file, view[: HALF - filled], self._half * HALF + filled)
                view = view[count:]
                filled += count
                if filled == HALF:
                    yield self._half * HALF, filled
                    self._half, filled = 1 - self._half, 0
        if filled > 0:
            yield self._half * HALF, filled
            self._half = 1 - self._half


def shared_memory() -> Shared | None:
    """`ASKEW_TORCH_SHARED` has its descriptor and inode: a program in between may have put another file there."""
    given = os.environ.pop("ASKEW_TORCH_SHARED", None)
    if given is None:
        return None
    try:
        file, inode = (int(part) for part in given.split(":"))
        found = os.fstat(file)
        if found.st_ino != inode or found.st_nlink != 0 or not stat.S_ISREG(found.st_mode):
            return None
        # All of it now: a machine that has too little of such memory goes on with the pipe.
        os.posix_fallocate(file, 0, 2 * HALF)
        return Shared(file)
    except (ValueError, OSError):
        return None


class Silence:
    """The channel of a process that nobody listens to."""

    def write(self, header: Header, tensors: Written | None = None) -> None:
        pass


class Channel:
    """Both directions of the pipe. Writing is safe from any thread; one thread reads."""

    def __init__(self, source: BinaryIO, target: int, shared: Shared | None = None) -> None:
        self._source = source
        self._target = target
        self.shared = shared
        self._lock = threading.Lock()

    def read(self) -> tuple[Header, Tensors] | None:
        """The next frame; None at the end of the pipe."""
        lead = self._exactly(LEAD.size, may_end=True)
        if lead is None:
            return None
        magic, header_size, payload_size = LEAD.unpack(lead)
        if magic != MAGIC or header_size > LONGEST_HEADER or payload_size > LARGEST_PAYLOAD:
            raise FrameError(f"expected a frame, found {lead!r}")
        header = json.loads(self._exactly(header_size) or b"")
        if not isinstance(header, dict):
            raise FrameError("expected an object as header")
        tensors = safetensors.torch.load(self._exactly(payload_size) or b"") if payload_size > 0 else {}
        return header, tensors

    def write(self, header: Header, tensors: Written | None = None) -> None:
        views = views_of(tensors) if tensors else []
        size = sum(len(view) for view in views)
        with self._lock:
            if self.shared is not None and size >= LARGE:
                for at, count in self.shared.put(views):
                    self._write_all(_start({"piece": [at, count], "of": size}, 0))
                views, size = [], 0
            self._write_all(_start(header, size))
            for view in views:
                self._write_all(view)

    def _write_all(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while len(view) > 0:
            view = view[os.write(self._target, view[: 2**20]) :]

    def _exactly(self, size: int, may_end: bool = False) -> bytes | None:
        data = self._source.read(size)
        if len(data) == size:
            return data
        if may_end and len(data) == 0:
            return None
        raise FrameError(f"expected {size} bytes, found {len(data)}")


def _start(header: Header, payload_size: int) -> bytes:
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return LEAD.pack(MAGIC, len(text), payload_size) + text
