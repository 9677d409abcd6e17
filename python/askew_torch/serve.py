"""Greets, then answers askew's calls one after the other until the pipe ends."""

from __future__ import annotations

import os
import platform
import queue
import sys
import threading
import traceback
from typing import Any

from . import PROTOCOL

# Seconds between signs of life.
BEAT = 2.0
LEAST = {"torch": (2, 4), "transformers": (5, 0), "peft": (0, 17), "safetensors": (0, 4)}


def main() -> None:
    source, target = pipe()
    missing = wrong_packages()
    if missing is not None:
        greet_without_torch(target, missing)
        return
    from .ranks import Ranks

    ranks = Ranks()
    if ranks.is_first:
        Server(source, target, ranks).run()
    else:
        Follower(ranks).run()


def pipe() -> tuple[Any, int]:
    """Where frames come from and go to: standard input and output, or the process that launched several of this one."""
    path = os.environ.get("ASKEW_TORCH_SOCKET")
    if path is None:
        # What a library prints must not get between the frames.
        target = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        return sys.stdin.buffer, target
    if os.environ.get("RANK", "0") != "0":
        return None, -1
    import socket

    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    return connection.makefile("rb"), os.dup(connection.fileno())


def wrong_packages(*more: tuple[str, tuple[int, int]]) -> str | None:
    """What is missing or too old, in words."""
    from importlib.metadata import PackageNotFoundError, version

    if sys.version_info < (3, 10):
        return f"Python {platform.python_version()} is too old: 3.10 or newer is needed"
    wrong = []
    for name, least in (*LEAST.items(), *more):
        wanted = ".".join(str(n) for n in least)
        try:
            found = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        numbers = tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in found.split(".")[:2])
        if numbers < least:
            wrong.append(f"{name} {found} is too old, {wanted} or newer is needed")
    return "; ".join(wrong) or None


def greet_without_torch(target: int, problem: str) -> None:
    """The greeting by hand: frames.py needs the packages that are missing."""
    import json
    import struct

    hello = {"protocol": PROTOCOL, "python": platform.python_version(), "executable": sys.executable, "problem": problem}
    text = json.dumps({"hello": hello}).encode()
    os.write(target, struct.pack("<4sIQ", b"AKT1", len(text), 0) + text)


class Server:
    def __init__(self, source: Any, target: int, ranks: Any) -> None:
        from .call import Call
        from .frames import Channel, shared_memory

        self._channel = Channel(source, target, shared_memory())
        self._calls: queue.Queue[Call] = queue.Queue()
        self._open: dict[int, Call] = {}
        self._ranks = ranks
        self._calling = Calling(ranks)

    def run(self) -> None:
        self._channel.write({"hello": hello()})
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        while True:
            call = self._calls.get()
            self._answer(call)
            del self._open[call.id]

    def _listen(self) -> None:
        """Frames that end or cancel a call must be heard while the call is worked on."""
        from .call import Call

        try:
            while (frame := self._channel.read()) is not None:
                header, tensors = frame
                if "taken" in header:
                    if self._channel.shared is not None:
                        self._channel.shared.taken()
                elif "cancel" in header:
                    if (call := self._open.get(header["cancel"])) is not None:
                        call.cancelled = True
                elif "end" in header:
                    if (call := self._open.get(header["end"])) is not None:
                        call.ended.update(header["rows"])
                else:
                    call = Call(self._channel, header, tensors)
                    self._open[call.id] = call
                    self._calls.put(call)
        except BaseException:
            traceback.print_exc()
            os._exit(3)
        os._exit(0)

    def _beat(self) -> None:
        stop = threading.Event()
        while not stop.wait(BEAT):
            self._channel.write({"beat": True})

    def _answer(self, call: Any) -> None:
        from .errors import Cancelled, Refusal, is_out_of_memory

        try:
            call.check()
            self._ranks.pass_on(call.header, call.tensors)
            done = self._calling.do(call) or {}
            self._channel.write({"id": call.id, "done": done})
        except Cancelled:
            self._channel.write({"id": call.id, "error": {"kind": "cancelled", "message": "cancelled"}})
        except Refusal as error:
            self._channel.write({"id": call.id, "error": {"kind": error.kind, "message": str(error)}})
        except Exception as error:
            traceback.print_exc()
            kind = "memory" if is_out_of_memory(error) else "fault"
            message = f"{type(error).__name__}: {error}"[:2000]
            self._channel.write({"id": call.id, "error": {"kind": kind, "message": message}})


class Follower:
    """Another process of the same worker: it answers the calls that the first one passes on, and tells nobody."""

    def __init__(self, ranks: Any) -> None:
        self._ranks = ranks
        self._calling = Calling(ranks)

    def run(self) -> None:
        from .call import Call
        from .errors import Cancelled, Refusal
        from .frames import Silence

        while True:
            try:
                header, tensors = self._ranks.next_call()
            except RuntimeError:
                os._exit(0)  # the first process has ended
            try:
                self._calling.do(Call(Silence(), header, tensors))
            except (Cancelled, Refusal):
                pass  # the first one tells of it
            except Exception:
                traceback.print_exc()


class Calling:
    """The model of one process, and what is done with it."""

    def __init__(self, ranks: Any) -> None:
        self._ranks = ranks
        self._opened: Any = None
        self._training: Any = None

    def do(self, call: Any) -> dict[str, Any] | None:
        """A call that all processes have ends in the same way in all of them."""
        from .ranks import SHARED

        if call.header["call"] not in SHARED:
            return self._do(call)
        done, failed = None, None
        try:
            done = self._do(call)
        except Exception as error:
            failed = error
        self._ranks.agree(failed)
        return done

    def _do(self, call: Any) -> dict[str, Any] | None:
        from . import reading, sampling

        name = call.header["call"]
        if name == "info":
            return info()
        if name == "open":
            return self._open_model(call)
        opened, training = self._opened, self._training
        of = call.header.get("of", "own")
        match name:
            case "read":
                return reading.read(opened, call)
            case "branches":
                return reading.branches(opened, call)
            case "logitEffect":
                return reading.logit_effect(opened, call)
            case "sample":
                return sampling.sample(opened, call)
            case "train":
                return training.train(call)
            case "stage":
                return training.stage(call.tensors)
            case "load":
                return training.load(training.staged() if call.header["staged"] else None)
            case "weights":
                return training.weights(call)
            case "checkpoint":
                call.parts(training.checkpoint(of))
                return {"step": training.step_of(of)}
            case "restore":
                return training.restore(of, call.header["step"], training.staged())
            case "addAdapter":
                training.add_adapter(of, call.header["lora"])
                return training.set_adapter(of, training.staged())
            case "setAdapter":
                return training.set_adapter(of, training.staged())
            case "adapter":
                return call.parts(training.adapter(of))
            case "merge":
                return training.merge(of)
            case "drop":
                return training.drop_adapter(of)
            case "add":
                return training.add(call.header["scale"], training.staged())
        raise ValueError(f"there is no call {name!r}")

    def _open_model(self, call: Any) -> dict[str, Any]:
        from .model import Opened, device_of_rank
        from .training import Training

        header = call.header
        import torch

        if header["threads"] is not None:
            torch.set_num_threads(header["threads"])
        device = header["device"] if self._ranks.world == 1 else device_of_rank(header["device"], self._ranks.local)
        self._opened = Opened(header["model"], device, header["dtype"], header["fourBit"])
        self._training = Training(self._opened, header["adamw"], self._ranks)
        call.event({"files": True}, self._opened.texts())
        return {**self._opened.described(), "threads": torch.get_num_threads(), "hashes": self._opened.hashes()}


def hello() -> dict[str, Any]:
    from importlib.metadata import version

    return {
        "protocol": PROTOCOL,
        "python": platform.python_version(),
        "executable": sys.executable,
        **{name: version(name) for name in ("torch", "transformers", "peft")},
    }


def info() -> dict[str, Any]:
    """Devices, their memory, and what else is there."""
    import importlib.util

    import torch

    devices = []
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            name = torch.cuda.get_device_name(index)
            bf16 = torch.cuda.is_bf16_supported()
            devices.append({"name": f"cuda:{index}", "title": name, "bytes": total, "free": free, "bf16": bf16})
    if torch.backends.mps.is_available():
        devices.append({"name": "mps", "title": "Apple GPU", "bytes": None, "free": None, "bf16": False})
    memory = _memory()
    devices.append({"name": "cpu", "title": platform.processor() or platform.machine(), "bytes": memory[0], "free": memory[1], "bf16": False})
    return {
        **hello(),
        "devices": devices,
        "cuda": torch.version.cuda,
        "bitsandbytes": importlib.util.find_spec("bitsandbytes") is not None,
        "platform": platform.platform(),
    }


def _memory() -> tuple[int | None, int | None]:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None, None
