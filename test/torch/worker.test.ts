// What becomes of a call when the worker does not do its part; no Python is needed for it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker, type WorkerOptions } from "#internal/torch";
import { afterEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("fake-worker.mjs", import.meta.url));
const open: Worker[] = [];

async function start(mode: string, options: WorkerOptions = {}, isOwnChild = false): Promise<Worker> {
  const command = { file: process.execPath, arguments: [script, mode], title: "fake", isOwnChild };
  const worker = await Worker.start(command, options);
  open.push(worker);
  return worker;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((worker) => worker.close()));
});

describe("a worker that is started", () => {
  it("answers calls in their order", async () => {
    const worker = await start("good");
    const calls = ["a", "b", "c"].map((name) => worker.call(name));
    expect(await Promise.all(calls)).toEqual([{ call: "a" }, { call: "b" }, { call: "c" }]);
  });

  it.each([
    ["banner", "expected a worker's frame, found \"Welcome"],
    ["huge header", "expected a frame of at most 16777216 and 4294967295 bytes, found 2147483648 and 0"],
    ["huge payload", "found 2 and 4611686018427387904"],
    ["no object", "expected an object as a frame's header"],
    ["no json", "expected a frame's header"],
    ["other protocol", "expected a worker of protocol 1, found one of 99"],
    ["nothing installed", "/opt/python3 cannot run torch: models: torch is missing; peft is missing"],
  ])("is refused where its first words are wrong: %s", async (mode, message) => {
    await expect(start(mode)).rejects.toThrow(message);
  });

  it("says how to get what is missing", async () => {
    await expect(start("nothing installed")).rejects.toMatchObject({
      fault: "python",
      hint: expect.stringContaining("askew torch setup") as string,
    });
    const none = { file: "no-such-python", arguments: [], title: "no-such-python" };
    await expect(Worker.start(none)).rejects.toMatchObject({
      fault: "python",
      message: expect.stringContaining("no-such-python: there is no such command") as string,
      hint: expect.stringContaining("askew torch setup") as string,
    });
  });

  it("is ended where it does not greet in time, and its last words are told where it dies", async () => {
    await expect(start("silent start", { start: 300 })).rejects.toThrow("no greeting in 0.3 s");
    await expect(start("early death")).rejects.toThrow(
      /the PyTorch worker ended with code 132\. It said last:\n {2}Illegal instruction/,
    );
  });
});

describe("a call", () => {
  const call = (worker: Worker, signal?: AbortSignal) => worker.call("x", {}, {}, { signal, onEvent: () => undefined });

  it("fails with the last lines of a worker that dies, and so does every later one", async () => {
    const lines: string[] = [];
    const worker = await start("dies", { onLine: (line) => lines.push(line) });
    await expect(call(worker)).rejects.toThrow(
      /was killed by SIGABRT\. It said last:\n {2}line 1\n {2}terminate called/,
    );
    expect(lines).toEqual(["line 1", "terminate called without an active exception"]);
    await expect(call(worker)).rejects.toThrow("was killed by SIGABRT");
  });

  it("fails where the worker shows no sign of life, and not while it does", async () => {
    const hung = await start("hung", { silence: 300 });
    await expect(call(hung)).rejects.toMatchObject({ fault: "hung", message: "fake: no sign of life for 0.3 s" });
    const busy = await start("busy", { silence: 300 });
    const waited = await Promise.race([call(busy), new Promise((resolve) => setTimeout(resolve, 1000, "works"))]);
    expect(waited).toBe("works");
  });

  it("is cancelled: the signal's reason comes out, and the worker lives", async () => {
    const worker = await start("cancels");
    const abort = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => abort.abort(reason), 50);
    await expect(call(worker, abort.signal)).rejects.toBe(reason);
    await expect(call(worker, abort.signal)).rejects.toBe(reason);
  });

  it("tells what the user can put right, and a fault with its traceback; no text moves the cursor", async () => {
    await expect(call(await start("out of memory"))).rejects.toMatchObject({
      fault: "memory",
      message: "sampling: out of memory",
      hint: expect.stringContaining("--recompute") as string,
    });
    const failed = await call(await start("fault")).catch((error: unknown) => error as Error);
    expect((failed as Error).message).toBe(
      "the PyTorch worker failed: KeyError: 'x'. It said last:\n  Traceback (most recent call last):\n" +
        "  \u241b[31mKeyError: 'x'",
    );
  });

  it("hands on notices", async () => {
    const notices: string[] = [];
    await call(await start("notice", { onNotice: (notice) => notices.push(notice) }));
    expect(notices).toEqual(["sampling: out of memory with 8 rows at a time; goes on with 4."]);
  });

  it.each(["bad tensors", "lying tensors"])("takes no %s", async (mode) => {
    await expect(call(await start(mode))).rejects.toMatchObject({ fault: "protocol" });
  });
});

describe.skipIf(!existsSync("/dev/shm"))("memory that askew and the worker share", () => {
  it("has a large payload in parts, and no name that could be left behind", async () => {
    const worker = await start("shares", {}, true);
    const events: unknown[] = [];
    const done = await worker.call(
      "x",
      {},
      {},
      {
        onEvent: ({ is }, tensors) =>
          events.push([is, ...tensors.names.map((name) => tensors.bytes(name).every((n) => n === 1))]),
      },
    );
    expect(events).toEqual([["large", true], ["none"]]);
    expect(done).toEqual({ inode: expect.any(Number) as number, names: 0, given: `3:${String(done["inode"])}` });
  });

  it.each([
    "part beyond the memory",
    "part before the memory",
    "part larger than its payload",
    "payload too large",
    "payload of two sizes",
    "payload that is not all there",
    "part that was never written",
    "part without numbers",
  ])("takes no %s", async (mode) => {
    const worker = await start(mode, {}, true);
    await expect(worker.call("x")).rejects.toMatchObject({ fault: "protocol" });
  });

  it("is not there for a worker that askew does not start itself", async () => {
    const worker = await start("payload that is not all there");
    await expect(worker.call("x")).rejects.toThrow("the worker shares no memory with this machine");
  });
});
