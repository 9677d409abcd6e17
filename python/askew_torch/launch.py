"""
Several processes of the worker, started by `accelerate launch`. This one passes bytes on between askew and the first of
them, whose standard output is no place for frames: launchers and libraries print there.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from .serve import greet_without_torch, wrong_packages

# In the environment of the processes: where the first one finds this one.
SOCKET = "ASKEW_TORCH_SOCKET"
# Seconds that processes may take to end by themselves.
GRACE = 5.0
CHUNK = 2**20

CONFIG = """compute_environment: LOCAL_MACHINE
distributed_type: MULTI_GPU
mixed_precision: 'no'
num_machines: 1
num_processes: {processes}
use_cpu: false
"""
START = "import os, sys\nsys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\nfrom askew_torch.serve import main\nmain()\n"


def main(modules: dict[str, str], processes: int) -> None:
    target = os.dup(1)
    os.dup2(2, 1)
    problem = wrong_packages(("accelerate", (1, 0))) or _wrong_system()
    if problem is not None:
        greet_without_torch(target, problem)
        return
    folder = Path(tempfile.mkdtemp(prefix="askew-torch-"))
    try:
        code = _run(folder, modules, processes, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(code)


def _wrong_system() -> str | None:
    return None if hasattr(socket, "AF_UNIX") else "several processes need Linux or macOS"


def _run(folder: Path, modules: dict[str, str], processes: int, target: int) -> int:
    package = folder / "askew_torch"
    package.mkdir()
    for name, text in modules.items():
        (package / f"{name.partition('.')[2] or '__init__'}.py").write_text(text, encoding="utf-8")
    (folder / "start.py").write_text(START, encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG.format(processes=processes), encoding="utf-8")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / "s"))
    listener.listen(1)
    words = ["-m", "accelerate.commands.launch", "--config_file", str(folder / "config.yaml"), "--multi_gpu"]
    words += ["--num_processes", str(processes), "--num_machines", "1", "--main_process_port", "0"]
    child = subprocess.Popen(
        [sys.executable, *words, str(folder / "start.py")],
        stdin=subprocess.DEVNULL,
        stdout=2,
        env={**os.environ, SOCKET: str(folder / "s")},
        start_new_session=True,
    )
    try:
        connection = _accepted(listener, child)
        if connection is not None:
            threading.Thread(target=_to_first, args=(connection,), daemon=True).start()
            _from_first(connection, target)
        return _ended(child)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)


def _accepted(listener: socket.socket, child: subprocess.Popen) -> socket.socket | None:
    listener.settimeout(0.2)
    while child.poll() is None:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        connection.settimeout(None)
        return connection
    return None


def _to_first(connection: socket.socket) -> None:
    try:
        while data := os.read(0, CHUNK):
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # its end is seen by whoever reads from it


def _from_first(connection: socket.socket, target: int) -> None:
    try:
        while data := connection.recv(CHUNK):
            view = memoryview(data)
            while view:
                view = view[os.write(target, view) :]
    except OSError:
        pass


def _ended(child: subprocess.Popen) -> int:
    end = time.monotonic() + GRACE
    while time.monotonic() < end:
        if (code := child.poll()) is not None:
            return code if code >= 0 else 1
        time.sleep(0.05)
    return 1
