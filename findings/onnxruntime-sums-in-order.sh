#!/usr/bin/env bash
# ONNX Runtime (CPU) against NumPy: means and norms of a million 32-bit numbers.
#
# Expected: ReduceMean of a million times 0.1 is 0.1 to six digits or so, as np.mean gives for the same 32-bit numbers.
# Happens:  ONNX Runtime adds into few running sums, so rounding piles up: the error is 0.09 % at 1 million numbers, and
#           4 million are off by 0.35 %. NumPy adds in pairs and is exact to 7 digits. Threads change nothing.
# Matters:  a mean loss over many tokens, or the norm by which a gradient is clipped, is off by far more than float32
#           lets one expect, and two runtimes disagree on it.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check onnxruntime==1.30.0 onnx==1.23.2 numpy==2.4.6

cat > run.py <<'PY'
import numpy as np, onnxruntime
from importlib.metadata import version
from onnx import TensorProto, helper
print("onnxruntime", version("onnxruntime"), "numpy", version("numpy"))

def reduce(operator, numbers):
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", ["n"]), ("y", []))]
    graph = helper.make_graph([helper.make_node(operator, ["x"], ["y"], keepdims=0)], "g", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return float(session.run(None, {"x": numbers})[0])

for count in (1_000_000, 4_000_000):
    numbers = np.full(count, 0.1, np.float32)
    number = float(numbers[0])
    for name, found, true in (
        ("np.mean", float(numbers.mean()), number),
        ("ReduceMean", reduce("ReduceMean", numbers), number),
        ("ReduceL2", reduce("ReduceL2", numbers), number * count**0.5),
    ):
        error = abs(found / true - 1)
        verdict = "right to 1e-6" if error < 1e-6 else "off by more than 1e-4" if error > 1e-4 else error
        print(f"{count} {name}:", verdict)
PY

cat > expected <<'TXT'
onnxruntime 1.30.0 numpy 2.4.6
1000000 np.mean: right to 1e-6
1000000 ReduceMean: off by more than 1e-4
1000000 ReduceL2: off by more than 1e-4
4000000 np.mean: right to 1e-6
4000000 ReduceMean: off by more than 1e-4
4000000 ReduceL2: off by more than 1e-4
TXT
venv/bin/python run.py > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
