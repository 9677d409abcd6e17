#!/usr/bin/env bash
# onnxruntime 1.30.0: a matrix product with 8-bit weights (MatMulNBits) is quick where the weights are constants of the
# graph. Where the same weights come in as an input, it takes many times as long, and longer than float32 weights that
# come in as an input.
#
# One would expect packed weights to save reading, wherever they are held. Whoever keeps one copy of the weights outside
# of several graphs, to share them, loses more than the packing gains; nothing warns. Results are equal both ways.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.30.0 onnx==1.23.2 numpy==2.4.6
cat > "$folder/measure.py" <<'PYTHON'
import statistics, time
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto as T, helper as h

ROWS, INPUTS, OUTPUTS, BLOCK = 1, 1024, 8192, 32
rng = np.random.default_rng(1)
packed = rng.integers(0, 256, (OUTPUTS, INPUTS // BLOCK, BLOCK)).astype(np.uint8)
scales = np.full((OUTPUTS, INPUTS // BLOCK), 0.01, np.float32)
plain = ((packed.astype(np.float32) - 128) * scales[..., None]).reshape(OUTPUTS, INPUTS)
x = rng.standard_normal((ROWS, INPUTS)).astype(np.float32)
KINDS = {np.dtype(np.uint8): T.UINT8, np.dtype(np.float32): T.FLOAT}

def session(node, weights, constant):
    tensors = [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()]
    inputs = [h.make_tensor_value_info("x", T.FLOAT, x.shape)]
    if not constant:
        inputs += [h.make_tensor_value_info(name, KINDS[value.dtype], value.shape) for name, value in weights.items()]
    graph = h.make_graph([node], "g", inputs, [h.make_tensor_value_info("y", T.FLOAT, [ROWS, OUTPUTS])], tensors if constant else [])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("com.microsoft", 1)])
    model.ir_version = 9
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    made = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda: made.run(None, {"x": x, **({} if constant else weights)})[0]

bits = h.make_node("MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=INPUTS, N=OUTPUTS, bits=8, block_size=BLOCK, accuracy_level=4)
gemm = h.make_node("Gemm", ["x", "w"], ["y"], transB=1)
runs = {
    "8 bits, constant": session(bits, {"w": packed, "s": scales}, True),
    "8 bits, input": session(bits, {"w": packed, "s": scales}, False),
    "float32, input": session(gemm, {"w": plain}, False),
}
times = {name: [] for name in runs}
for _ in range(15):
    for name, run in runs.items():
        start = time.perf_counter()
        run()
        times[name].append(time.perf_counter() - start)
medians = {name: statistics.median(values) for name, values in times.items()}
for name, median in medians.items():
    print(f"{name:18} {1000 * median:8.2f} ms, median of 15")
outputs = {name: run() for name, run in runs.items()}
distance = np.linalg.norm(outputs["8 bits, input"] - outputs["8 bits, constant"]) / np.linalg.norm(outputs["float32, input"])
print(f"onnxruntime {ort.__version__}; 8 bits as input and as constant differ by {distance:.1e} of the result")
over_constant = medians["8 bits, input"] / medians["8 bits, constant"]
over_float = medians["8 bits, input"] / medians["float32, input"]
print(f"as an input, 8 bits take {over_constant:.1f} times as long as a constant, and {over_float:.1f} times as long as float32")
assert distance < 0.02, "the results differ: this finding no longer compares like with like"
assert over_constant > 4 and over_float > 2, "packed weights as inputs are no longer slow: this finding is out of date"
PYTHON
"$folder/venv/bin/python" "$folder/measure.py"
