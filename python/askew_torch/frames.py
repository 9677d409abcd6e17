"""
Frames over a pipe: b"AKT1", the lengths of header and payload (u32 and u64, little-endian), the header as JSON, and the
payload as a safetensors file. Every size is checked before anything is allocated.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from typing import Any, BinaryIO

import safetensors.torch
import torch

MAGIC = b"AKT1"
LEAD = struct.Struct("<4sIQ")
LONGEST_HEADER = 16 * 2**20
LARGEST_PAYLOAD = 2**32 - 1
# Bytes of tensors that go into one frame where there are many.
PART = 64 * 2**20

Header = dict[str, Any]
Tensors = dict[str, torch.Tensor]


class FrameError(Exception):
    """The other side broke the protocol."""


def packed(header: Header, tensors: Tensors) -> bytes:
    """A header and its tensors as one piece, for other processes of the same worker."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + safetensors.torch.save(tensors)


def unpacked(data: bytes) -> tuple[Header, Tensors]:
    (size,) = struct.unpack_from("<Q", data)
    return json.loads(data[8 : 8 + size]), safetensors.torch.load(data[8 + size :])


class Silence:
    """The channel of a process that nobody listens to."""

    def write(self, header: Header, tensors: Tensors | None = None) -> None:
        pass


class Channel:
    """Both directions of the pipe. Writing is safe from any thread; one thread reads."""

    def __init__(self, source: BinaryIO, target: int) -> None:
        self._source = source
        self._target = target
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

    def write(self, header: Header, tensors: Tensors | None = None) -> None:
        text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
        payload = b""
        if tensors:
            ready = {name: tensor.detach().to("cpu").contiguous() for name, tensor in tensors.items()}
            payload = safetensors.torch.save(ready)
        with self._lock:
            self._write_all(LEAD.pack(MAGIC, len(text), len(payload)) + text)
            if payload:
                self._write_all(payload)

    def _write_all(self, data: bytes) -> None:
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
