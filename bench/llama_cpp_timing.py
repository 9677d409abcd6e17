"""llama.cpp as it comes, for bench/llama-cpp.ts: reads prompts as JSON, one list of ids a row, and writes seconds."""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "test" / "onnx" / "gguf"))
from llama_cpp import Model  # noqa: E402

file, threads, tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
models = {}
for line in sys.stdin:
    prompts = json.loads(line)
    rows = len(prompts)
    # 16-bit cache and flash attention, its defaults.
    if rows not in models:
        models[rows] = Model(file, tokens=256, sequences=rows, threads=threads, plain=False)
    model = models[rows]
    start = time.perf_counter()
    model.clear()
    given = [(t, at, row) for row, ids in enumerate(prompts) for at, t in enumerate(ids)]
    ends = {sum(len(ids) for ids in prompts[:row + 1]) - 1: row for row in range(rows)}
    found = model.run(given, set(ends))
    last = {row: int(found[at].argmax()) for at, row in ends.items()}
    for step in range(tokens - 1):
        found = model.run([(last[row], len(prompts[row]) + step, row) for row in range(rows)], set(range(rows)))
        last = {row: int(found[row].argmax()) for row in range(rows)}
    print(time.perf_counter() - start, flush=True)
