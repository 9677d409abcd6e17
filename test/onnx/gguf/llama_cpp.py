"""llama.cpp through the C interface that the wheel `xllamacpp` exports.

The wheel's own classes give no logits. Structures are passed as opaque bytes; the few numbers that are set in them lie
where their defaults were found, and a wheel that has other defaults there is refused.
"""
import ctypes
import glob
import importlib.util
import os
import struct

import gguf
import numpy as np
import xllamacpp  # loads the library

LIBRARY = ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(importlib.util.find_spec("xllamacpp").origin), "*.so"))[0])
pointer, i32, flag = ctypes.c_void_p, ctypes.c_int32, ctypes.c_bool


class Opaque(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_ubyte * 512)]


class Batch(ctypes.Structure):
    _fields_ = [("n_tokens", i32), ("token", pointer), ("embd", pointer), ("pos", pointer), ("n_seq_id", pointer),
                ("seq_id", pointer), ("logits", pointer)]


def function(name, result, *arguments):
    found = getattr(LIBRARY, name)
    found.restype, found.argtypes = result, arguments
    return found


QUIET = ctypes.CFUNCTYPE(None, i32, ctypes.c_char_p, pointer)
messages = []
keep = QUIET(lambda level, text, data: messages.append(text.decode(errors="replace")) if level >= 3 else None)
function("llama_log_set", None, QUIET, pointer)(keep, None)
function("llama_backend_init", None)()
model_params = function("llama_model_default_params", Opaque)
context_params = function("llama_context_default_params", Opaque)
load = function("llama_model_load_from_file", pointer, ctypes.c_char_p, Opaque)
init = function("llama_init_from_model", pointer, pointer, Opaque)
vocab_of = function("llama_model_get_vocab", pointer, pointer)
n_tokens = function("llama_vocab_n_tokens", i32, pointer)
tokenize = function("llama_tokenize", i32, pointer, ctypes.c_char_p, i32, ctypes.POINTER(i32), i32, flag, flag)
batch_init = function("llama_batch_init", Batch, i32, i32, i32)
batch_free = function("llama_batch_free", None, Batch)
decode = function("llama_decode", i32, pointer, Batch)
logits_ith = function("llama_get_logits_ith", ctypes.POINTER(ctypes.c_float), pointer, i32)
memory_of = function("llama_get_memory", pointer, pointer)
clear = function("llama_memory_clear", None, pointer, flag)
free_context = function("llama_free", None, pointer)
free_model = function("llama_model_free", None, pointer)
set_control = function("llama_set_adapter_cvec", i32, pointer, ctypes.POINTER(ctypes.c_float), ctypes.c_size_t, i32, i32, i32)

CONTEXT, BATCH, MICRO, SEQUENCES, THREADS, BATCH_THREADS, FLASH, TYPE_K, TYPE_V = 0, 1, 2, 3, 7, 8, 13, 26, 27
EXPECTED = {CONTEXT: 512, BATCH: 2048, MICRO: 512, SEQUENCES: 1, THREADS: 4, BATCH_THREADS: 4, FLASH: -1, TYPE_K: 1,
            TYPE_V: 1}


class Model:
    def __init__(self, path, tokens=1024, sequences=1, threads=1, plain=True):
        self.model = load(str(path).encode(), model_params())
        if not self.model:
            raise RuntimeError("llama.cpp does not open the file: " + " ".join(messages[-4:]))
        params = context_params()
        words = list(struct.unpack("<128i", bytes(params.bytes)))
        if any(words[at] != value for at, value in EXPECTED.items()):
            raise RuntimeError(f"this xllamacpp has other default parameters: {words[:32]}")
        words[CONTEXT], words[BATCH], words[MICRO], words[SEQUENCES] = tokens * sequences, max(1024, tokens), 512, sequences
        words[THREADS] = words[BATCH_THREADS] = threads
        if plain:
            words[FLASH] = words[TYPE_K] = words[TYPE_V] = 0
        params.bytes[:] = struct.pack("<128i", *words)
        self.context = init(self.model, params)
        if not self.context:
            raise RuntimeError("llama.cpp makes no context: " + " ".join(messages[-4:]))
        self.vocab = vocab_of(self.model)
        self.size = n_tokens(self.vocab)

    def ids(self, text, special=False, parse=False):
        data = text.encode()
        room = 2 * len(data) + 64
        out = (i32 * room)()
        count = tokenize(self.vocab, data, len(data), out, room, special, parse)
        if count < 0:
            raise RuntimeError("llama_tokenize failed")
        return list(out[:count])

    def run(self, rows, outputs):
        """rows: (token, position, sequence); outputs: which of them give logits."""
        batch = batch_init(len(rows), 0, 1)
        token = ctypes.cast(batch.token, ctypes.POINTER(i32))
        pos = ctypes.cast(batch.pos, ctypes.POINTER(i32))
        count = ctypes.cast(batch.n_seq_id, ctypes.POINTER(i32))
        seq = ctypes.cast(batch.seq_id, ctypes.POINTER(ctypes.POINTER(i32)))
        wanted = ctypes.cast(batch.logits, ctypes.POINTER(ctypes.c_int8))
        for i, (t, p, s) in enumerate(rows):
            token[i], pos[i], count[i] = t, p, 1
            seq[i][0] = s
            wanted[i] = 1 if i in outputs else 0
        batch.n_tokens = len(rows)
        if decode(self.context, batch) != 0:
            raise RuntimeError("llama_decode failed: " + " ".join(messages[-4:]))
        found = {i: np.ctypeslib.as_array(logits_ith(self.context, i), (self.size,)).copy() for i in sorted(outputs)}
        batch_free(batch)
        return found

    def clear(self):
        clear(memory_of(self.context), True)

    def logits(self, ids):
        self.clear()
        found = self.run([(t, i, 0) for i, t in enumerate(ids)], set(range(len(ids))))
        return np.stack([found[i] for i in range(len(ids))])

    def greedy(self, ids, count):
        self.clear()
        last = self.run([(t, i, 0) for i, t in enumerate(ids)], {len(ids) - 1})[len(ids) - 1]
        made = []
        for step in range(count):
            made.append(int(last.argmax()))
            last = self.run([(made[-1], len(ids) + step, 0)], {0})[0]
        return made

    def close(self):
        free_context(self.context)
        free_model(self.model)

    def steer(self, vectors, first, last):
        """vectors: [layers - 1, width], from layer 1 on; None takes them away."""
        if vectors is None:
            set_control(self.context, None, 0, 0, 0, 0)
            return
        data = np.ascontiguousarray(vectors, np.float32)
        pointed = data.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        if set_control(self.context, pointed, data.size, data.shape[1], first, last) != 0:
            raise RuntimeError("llama.cpp takes no control vector of this shape")


quantize_chunk = function("ggml_quantize_chunk", ctypes.c_size_t, i32, pointer, pointer, ctypes.c_int64, ctypes.c_int64,
                          ctypes.c_int64, pointer)


def pack(numbers, kind):
    """[rows, columns] float32 as llama.cpp packs them."""
    rows, columns = numbers.shape
    block, size = gguf.GGML_QUANT_SIZES[kind]
    numbers = np.ascontiguousarray(numbers, np.float32)
    out = np.zeros((rows, columns // block * size), np.uint8)
    quantize_chunk(int(kind), numbers.ctypes.data, out.ctypes.data, 0, rows, columns, None)
    return out


def unpack(tensor):
    """float32 as llama.cpp unpacks it; a tensor of gguf's reader."""
    kind, shape = tensor.tensor_type, [int(n) for n in reversed(tensor.shape)]
    data = np.ascontiguousarray(tensor.data)
    if kind == gguf.GGMLQuantizationType.F32:
        return data.reshape(shape)
    out = np.zeros(shape, np.float32)
    name = {"F16": "ggml_fp16_to_fp32_row", "BF16": "ggml_bf16_to_fp32_row"}.get(
        kind.name, f"dequantize_row_{kind.name.replace('Q', 'q', 1)}")
    function(name, None, pointer, pointer, ctypes.c_int64)(data.ctypes.data, out.ctypes.data, out.size)
    return out


def rewritten(source, target, change=None, **keys):
    """A copy of a GGUF file; `change` gives a tensor's new bytes and kind, `keys` new texts of metadata."""
    reader = gguf.GGUFReader(source)
    fields = {name: field for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    writer = gguf.GGUFWriter(target, fields.pop("general.architecture").contents())
    for name, field in fields.items():
        kind = field.types[0]
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, keys.get(name.replace(".", "_"), field.contents()), kind, inner)
    for tensor in reader.tensors:
        data, kind = change(tensor) if change else (tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def packed(source, target, name):
    """A copy with its matrices packed anew by llama.cpp."""
    kind = gguf.GGMLQuantizationType[name]
    plain = gguf.GGMLQuantizationType.F32
    rewritten(source, target, lambda t: (pack(unpack(t), kind), kind) if len(t.shape) > 1 else (unpack(t), plain))


def unpacked(source, target):
    """A copy in float32, unpacked by llama.cpp."""
    rewritten(source, target, lambda t: (unpack(t), gguf.GGMLQuantizationType.F32))
