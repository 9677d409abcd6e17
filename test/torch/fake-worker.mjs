// A worker that speaks frames and computes nothing: what the real one does only on a bad day.
import { fstatSync, writeSync } from "node:fs";

const [, , mode = "good"] = process.argv;

const frame = (header, payload = Buffer.alloc(0)) => {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const lead = Buffer.alloc(16);
  lead.write("AKT1");
  lead.writeUInt32LE(text.length, 4);
  lead.writeBigUInt64LE(BigInt(payload.length), 8);
  process.stdout.write(Buffer.concat([lead, text, payload]));
};
const lead = (magic, header, payload) => {
  const bytes = Buffer.alloc(16);
  bytes.write(magic);
  bytes.writeUInt32LE(header, 4);
  bytes.writeBigUInt64LE(payload, 8);
  process.stdout.write(bytes);
};

const beats = setInterval(() => frame({ beat: true }), 50);
if (mode === "banner") process.stdout.write("Welcome to gpu-1!\nLast login: today\n");
else if (mode === "huge header") lead("AKT1", 2 ** 31, 0n);
else if (mode === "huge payload") lead("AKT1", 2, 2n ** 62n);
else if (mode === "no object") frame("[1]");
else if (mode === "no json") frame("{");
else if (mode === "other protocol") frame({ hello: { protocol: 99, python: "3.12" } });
else if (mode === "nothing installed") {
  frame({ hello: { protocol: 1, executable: "/opt/python3", problem: "torch is missing; peft is missing" } });
} else if (mode === "early death") {
  process.stderr.write("Illegal instruction\n", () => process.exit(132));
} else if (mode !== "silent start") frame({ hello: { protocol: 1 } });
if (mode === "silent start" || mode === "hung") clearInterval(beats);

// What no part of a payload in shared memory can be.
const pieces = {
  "part beyond the memory": [{ piece: [2 ** 25, 1], of: 1 }],
  "part before the memory": [{ piece: [-1, 2], of: 2 }],
  "part larger than its payload": [{ piece: [0, 2], of: 1 }],
  "payload too large": [{ piece: [0, 1], of: 2 ** 40 }],
  "payload of two sizes": [
    { piece: [0, 1], of: 2 },
    { piece: [0, 1], of: 3 },
  ],
  "payload that is not all there": [{ piece: [0, 1], of: 2 }],
  "part that was never written": [{ piece: [0, 10], of: 10 }],
  "part without numbers": [{ piece: "x", of: 1 }],
};

// The first bytes are the worker's own source; calls follow.
let read = Buffer.alloc(0);
let source = true;
process.stdin.on("data", (chunk) => {
  read = Buffer.concat([read, chunk]);
  if (source && read.length >= 4 && read.length >= 4 + read.readUInt32LE(0)) {
    read = read.subarray(4 + read.readUInt32LE(0));
    source = false;
  }
  if (source) return;
  while (read.length >= 16) {
    const header = read.readUInt32LE(4);
    const size = 16 + header + Number(read.readBigUInt64LE(8));
    if (read.length < size) return;
    answer(JSON.parse(read.subarray(16, 16 + header).toString()));
    read = read.subarray(size);
  }
});
process.stdin.on("end", () => process.exit(0));

function answer({ id, call, cancel }) {
  if (cancel !== undefined) {
    if (mode === "cancels") frame({ id: cancel, error: { kind: "cancelled", message: "cancelled" } });
    return;
  }
  if (mode === "check") {
    const gpu = { name: "cuda:0", title: "A GPU", bytes: 80e9, free: 70e9, bf16: true };
    const versions = { python: "3.12.1", torch: "2.13.0", transformers: "5.23.0", peft: "0.21.2" };
    const rest = { executable: "/venv/python", platform: "Linux", cuda: "13.0", bitsandbytes: false };
    frame({ id, done: { ...versions, ...rest, devices: [gpu] } });
  } else if (mode === "good") frame({ id, done: { call } });
  else if (mode === "bad tensors") frame({ id, event: {} }, Buffer.alloc(24, 0xff));
  else if (mode === "lying tensors") {
    const text = Buffer.from('{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4]}}    ');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    frame({ id, event: {} }, Buffer.concat([length, text, Buffer.alloc(4)]));
  } else if (mode === "shares") {
    // A payload of ones in two parts, from both halves of the memory, then a frame that has none.
    const bytes = Buffer.alloc(8 + 64 + 4 * 1024, 1);
    bytes.writeBigUInt64LE(64n);
    bytes.write('{"a":{"dtype":"U8","shape":[4096],"data_offsets":[0,4096]}}'.padEnd(64), 8);
    writeSync(3, bytes, 0, 100, 0);
    writeSync(3, bytes, 100, bytes.length - 100, 2 ** 24);
    frame({ piece: [0, 100], of: bytes.length });
    frame({ piece: [2 ** 24, bytes.length - 100], of: bytes.length });
    frame({ id, event: { is: "large" } });
    frame({ id, event: { is: "none" } });
    frame({ id, done: { inode: fstatSync(3).ino, names: fstatSync(3).nlink, given: process.env.ASKEW_TORCH_SHARED } });
  } else if (pieces[mode] !== undefined) {
    for (const header of pieces[mode]) frame(header);
    frame({ id, event: {} });
  } else if (mode === "out of memory") frame({ id, error: { kind: "memory", message: "sampling: out of memory" } });
  else if (mode === "fault") {
    process.stderr.write("Traceback (most recent call last):\n\u001b[31mKeyError: 'x'\n");
    setTimeout(() => frame({ id, error: { kind: "fault", message: "KeyError: 'x'" } }), 100);
  } else if (mode === "notice") {
    frame({ id, notice: "sampling: out of memory with 8 rows at a time; goes on with 4." });
    frame({ id, done: {} });
  } else if (mode === "dies") {
    process.stderr.write("line 1\nterminate called without an active exception\n", () =>
      process.kill(process.pid, "SIGABRT"),
    );
  }
}
