"""How the PyTorch side of a benchmark is timed and told: the median of single steps, as one line of JSON."""

import json
import time

import torch


def report(step, repeats):
    """`step()` does one step; three are not counted. Milliseconds; also which BLAS multiplied."""
    for _ in range(3):
        step()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    try:
        libraries = {line.split("/")[-1].strip() for line in open("/proc/self/maps") if "blas" in line or "mkl" in line}
    except OSError:
        libraries = set()
    blas = ", ".join(sorted(libraries)) or "unknown BLAS"
    print(json.dumps({"milliseconds": times[len(times) // 2], "torch": torch.__version__, "blas": blas}))
