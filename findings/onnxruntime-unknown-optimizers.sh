#!/usr/bin/env bash
# onnxruntime 1.30.0: a session that is told which optimisers to leave out (`optimization.disable_specified_optimizers`)
# takes a name that does not exist without a word. `EliminateCommonSubexpressions` leaves nothing out; the optimiser is
# named `CommonSubexpressionElimination`, where its neighbours are named `EliminateIdentity` and so on.
#
# One would expect an error, or a warning, for a wrong name. Whoever repeats a part of a graph on purpose, so that a value
# need not be kept until a backward pass reads it, keeps it all the same, and only the memory tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.30.0 onnx==1.23.2 numpy==2.4.6
cat > "$folder/count.py" <<'PYTHON'
import collections, json, os, sys
import numpy as np, onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper

os.chdir(sys.argv[1])
nodes, constants = [], []
for i in "ab":  # two equal nodes on one input, and two outputs that are made of them
    nodes.append(h.make_node("Sigmoid", ["x"], ["y" + i]))
    nodes.append(h.make_node("ReduceSum", ["y" + i, "axes" + i], ["z" + i], keepdims=0))
    constants.append(numpy_helper.from_array(np.array([0], np.int64), "axes" + i))
outputs = [h.make_tensor_value_info("z" + i, T.FLOAT, [8]) for i in "ab"]
graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, [8, 8])], outputs, constants)
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)])
model.ir_version = 9

def count(leave_out):
    options = ort.SessionOptions()
    options.enable_profiling = True
    if leave_out:
        options.add_session_config_entry("optimization.disable_specified_optimizers", leave_out)
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    session.run(None, {"x": np.ones((8, 8), np.float32)})
    events = json.load(open(session.end_profiling()))
    ran = collections.Counter(e["args"]["op_name"] for e in events if e["name"].endswith("_kernel_time"))
    print(f"left out: {leave_out or 'nothing':32} Sigmoid ran {ran['Sigmoid']} times")
    return ran["Sigmoid"]

print(f"onnxruntime {ort.__version__}")
found = [count(""), count("EliminateCommonSubexpressions"), count("CommonSubexpressionElimination")]
assert found == [1, 1, 2], "a wrong name is no longer passed over: this finding is out of date"
PYTHON
"$folder/venv/bin/python" "$folder/count.py" "$folder"
