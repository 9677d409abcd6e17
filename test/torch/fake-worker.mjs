// A worker that speaks frames and computes nothing: what the real one does only on a bad day.
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
