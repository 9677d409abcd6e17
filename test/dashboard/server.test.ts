// Who may look, what is told of runs, and streams that lose nothing.
import { once } from "node:events";
import { appendFile, cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createParser } from "eventsource-parser";
import { Run } from "askew/run";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoggedEvent, ResultView, RunsEvent, RunsSnapshot } from "#internal/dashboard";
import { SLOW } from "../study/tiny.js";
import { makeStudy, temporaryRuns, viewed, writeRecord, type Viewed } from "./viewed.js";

let root: string;
let remove: () => Promise<void>;
let view: Viewed;

beforeAll(async () => {
  ({ root, remove } = await temporaryRuns());
  await makeStudy(root);
  await writeRecord(join(root, "group/deep/watched"), {
    kind: "fine-tune",
    status: "open",
    command: { words: ["watch", "a b"], cwd: "/" },
  });
  await writeFile(join(root, "group/deep/watched/alarm.json"), JSON.stringify({ step: 40, score: 9 }));
  view = await viewed(root);
}, SLOW);
afterAll(async () => {
  await view.stop();
  await remove();
});

interface Heard {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** Events of a stream until `enough`, with the id that a browser sends when it comes back. */
async function hear(url: string, enough: (heard: readonly Heard[]) => boolean, last?: string): Promise<Heard[]> {
  const controller = new AbortController();
  const heard: Heard[] = [];
  const response = await fetch(url, {
    signal: controller.signal,
    headers: last === undefined ? {} : { "Last-Event-ID": last },
  });
  const parser = createParser({ onEvent: ({ id, event, data }) => void heard.push({ id, event, data }) });
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    parser.feed(new TextDecoder().decode(chunk));
    if (enough(heard)) break;
  }
  controller.abort();
  return heard;
}

/** With headers that `fetch` keeps to itself. */
async function statusWith(
  headers: Readonly<Record<string, string>>,
  url = view.dashboard.url,
  path = "/api/runs",
): Promise<number> {
  const asked = request(`${url}${path}`, { headers });
  asked.end();
  const [response] = (await once(asked, "response")) as [{ statusCode: number; resume: () => void }];
  response.resume();
  return response.statusCode;
}

describe("who may look", () => {
  it("is this machine by its own name, and no foreign page", async () => {
    const { host } = new URL(view.dashboard.url);
    expect(await statusWith({ host })).toBe(200);
    expect(await statusWith({ host: host.replace("127.0.0.1", "localhost") })).toBe(200);
    expect(await statusWith({ host: "evil.example" })).toBe(403);
    expect(await statusWith({ host, origin: "http://evil.example" })).toBe(403);
    expect(await statusWith({ host, origin: "null" })).toBe(403);
    expect(await statusWith({ host, origin: `http://${host}` })).toBe(200);
  });

  it("needs the token elsewhere, which a browser is given once", async () => {
    const other = await viewed(root, { host: "0.0.0.0" });
    try {
      const url = other.dashboard.url.replace("0.0.0.0", "127.0.0.1");
      const address = other.dashboard.address.replace("0.0.0.0", "127.0.0.1");
      expect((await fetch(`${url}/api/runs`)).status).toBe(401);
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(`${url}/login?token=wrong`)).status).toBe(401);
      const login = await fetch(address, { redirect: "manual" });
      const cookie = login.headers.get("set-cookie") ?? "";
      expect([login.status, /HttpOnly/.test(cookie), /SameSite=Strict/.test(cookie)]).toEqual([302, true, true]);
      expect((await fetch(`${url}/api/runs`, { headers: { cookie: cookie.split(";")[0] ?? "" } })).status).toBe(200);
      const token = new URL(address).searchParams.get("token");
      expect((await fetch(`${url}/api/runs`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  it("gets a page that runs no script but its own, and no other method than asking", async () => {
    const response = await fetch(view.dashboard.url);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(await response.text()).not.toMatch(/<script(?![^>]*\ssrc=)/);
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      expect(await view.status("/api/runs", { method })).toBe(404);
    }
  });

  it("reaches nothing but runs that were found", async () => {
    await writeFile(
      join(root, "..", "run.json"),
      JSON.stringify({ format: 1, kind: "study", files: [], status: "open" }),
    );
    await mkdir(join(root, "..", "outside"), { recursive: true });
    await writeRecord(join(root, "..", "outside"), { kind: "study" });
    await symlink(join(root, "..", "outside"), join(root, "inside"));
    for (const id of [
      "..",
      "../outside",
      "tiny/..",
      "tiny/cells/base-1",
      "inside",
      "/etc",
      "%2e%2e",
      "__proto__",
      "tiny%00",
    ]) {
      for (const path of ["study", "answers", "run/events"]) {
        expect(await view.status(`/api/${path}?run=${encodeURIComponent(id)}`), id).toBe(404);
      }
    }
    for (const path of [
      "/../package.json",
      "/assets/../../package.json",
      "/assets/%2e%2e/index.html",
      "//etc/passwd",
    ]) {
      expect(await view.status(path), path).toBe(404);
    }
  });
});

describe("the list of runs", () => {
  it("tells kind, state, command and alarms", async () => {
    const { runs } = await view.get<RunsSnapshot>("/api/runs");
    expect(runs.find(({ id }) => id === "tiny")).toMatchObject({
      kind: "study",
      state: "finished",
      views: ["study", "answers", "events"],
    });
    expect(runs.find(({ id }) => id === "group/deep/watched")).toMatchObject({
      kind: "fine-tune",
      state: "stopped",
      command: "askew watch 'a b'",
      alarms: ["Alarm at step 40"],
    });
  });

  it("are as old as their own log says, wherever their files were copied to", async () => {
    const folder = join(root, "group/old");
    await writeRecord(folder, { kind: "study", status: "finished" });
    const event = (id: number, time: string): string => `${JSON.stringify({ id, time, type: "cell-finished" })}\n`;
    await writeFile(join(folder, "events.jsonl"), event(1, "2026-01-02T03:04:05Z") + event(2, "2026-01-03T00:00:00Z"));
    await cp(folder, join(root, "group/copied"), { recursive: true });
    // A log that says nothing of the kind, and one from the future.
    await writeRecord(join(root, "group/silent"), { kind: "study", status: "finished" });
    await cp(folder, join(root, "group/late"), { recursive: true });
    await writeFile(join(root, "group/late/events.jsonl"), event(1, "2999-01-01T00:00:00Z"));
    const own = await viewed(join(root, "group"));
    try {
      const { runs } = await own.get<RunsSnapshot>("/api/runs");
      const cards = new Map(runs.map((run) => [run.id, run]));
      for (const id of ["old", "copied"]) {
        expect(cards.get(id)?.activeAt).toBe(Date.parse("2026-01-03T00:00:00Z"));
      }
      for (const id of ["silent", "late"]) expect(cards.get(id)?.activeAt).toBe(cards.get(id)?.changedAt);
      expect(
        runs
          .slice(-2)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(["copied", "old"]);
    } finally {
      await own.stop();
      for (const id of ["old", "copied", "silent", "late"]) await rm(join(root, "group", id), { recursive: true });
    }
  });

  it("tells what changes, and what was missed by who comes back", async () => {
    const url = `${view.dashboard.url}/api/runs/events`;
    const [first] = await hear(url, (heard) => heard.length > 0);
    expect(JSON.parse(first?.data ?? "")).toMatchObject({ type: "snapshot" });
    const folder = join(root, "new");
    const run = await Run.open(folder, { kind: "fine-tune", files: [] });
    await run.begin({ words: ["finetune"], cwd: root });
    await run.tell("step-finished", { step: 1, steps: 4 });
    await run.tell("step-finished", { step: 2, steps: 4 });
    const isNew = ({ data }: Heard): boolean => (JSON.parse(data) as { run?: { id: string } }).run?.id === "new";
    const missed = await hear(url, (heard) => heard.some(isNew), first?.id);
    expect(missed.some(({ data }) => (JSON.parse(data) as RunsEvent).type === "snapshot")).toBe(false);
    const { run: card } = JSON.parse(missed.find(isNew)?.data ?? "") as { run: object };
    expect(card).toMatchObject({ state: "running", progress: { text: "step 2 of 4", share: 0.5 } });
    await run.finish();
    await run.close();
    await rm(folder, { recursive: true });
    const last = missed.at(-1)?.id;
    const gone = await hear(url, (heard) => heard.some(({ data }) => data.includes('"gone"')), last);
    expect(JSON.parse(gone.at(-1)?.data ?? "")).toEqual({ type: "gone", id: "new" });
    // Another server's ids are not its own: it tells everything.
    const [again] = await hear(url, (heard) => heard.length > 0, "0badf00d-3");
    expect(JSON.parse(again?.data ?? "")).toMatchObject({ type: "snapshot" });
  });
});

describe("a run's events", () => {
  it("come once each and in order, over a restart of the server", async () => {
    const folder = join(root, "logged");
    await writeRecord(folder, { kind: "fine-tune", status: "open" });
    const tell = (from: number, to: number): Promise<void> =>
      appendFile(
        join(folder, "events.jsonl"),
        Array.from(
          { length: to - from + 1 },
          (_, i) => `${JSON.stringify({ id: from + i, time: "2026-01-01T00:00:00Z", type: "step-finished" })}\n`,
        ).join(""),
      );
    await tell(1, 1200);
    const idsIn = (heard: readonly Heard[]): number[] =>
      heard.flatMap(({ data }) => (JSON.parse(data) as LoggedEvent[]).map(({ id }) => id));
    const first = await hear(`${view.dashboard.url}/api/run/events?run=logged`, (heard) => idsIn(heard).length >= 500);
    await view.stop();
    await tell(1201, 1300);
    view = await viewed(root);
    const rest = await hear(
      `${view.dashboard.url}/api/run/events?run=logged`,
      (heard) => idsIn(heard).at(-1) === 1300,
      first.at(-1)?.id,
    );
    expect([...idsIn(first), ...idsIn(rest)]).toEqual(Array.from({ length: 1300 }, (_, i) => i + 1));
    setTimeout(() => void rm(folder, { recursive: true }), 50);
    const end = await hear(
      `${view.dashboard.url}/api/run/events?run=logged`,
      (heard) => heard.at(-1)?.event === "gone",
      "1300",
    );
    expect(end).toMatchObject([{ event: "gone" }]);
  });
});

describe("a study's results", () => {
  it("are the report's figures and their numbers as text", async () => {
    const { figures, facts } = await view.get<ResultView>("/api/study?run=tiny");
    expect(figures.map(({ id }) => id)).toContain("training");
    const [figure] = figures;
    expect(figure?.wide[0]).toMatch(/^<svg /);
    expect(
      JSON.stringify(figures.map(({ caption, numbers, key }) => [caption, numbers, key.map(({ text }) => text)])),
    ).not.toMatch(/<[a-z]/);
    expect(Object.fromEntries(facts)).toMatchObject({ study: "tiny", judge: "exact" });
  });

  it("says what is wrong with a damaged summary, by file and key", async () => {
    const folder = join(root, "damaged");
    await writeRecord(folder, { kind: "study", status: "finished" });
    await writeFile(
      join(folder, "summary.json"),
      JSON.stringify({ study: "x", model: "m", conditions: [{ condition: 5 }] }),
    );
    expect(await view.status("/api/study?run=damaged")).toBe(422);
    const { error } = await view.get<{ error: string }>("/api/study?run=damaged");
    expect(error).toContain("summary.json");
    expect(error).toContain("conditions.0.condition");
  });
});

describe("a fine-tune by reward", () => {
  it("shows reward, divergence, entropy and length of its steps, whatever else a row holds", async () => {
    const folder = join(root, "rewarded");
    await writeRecord(folder, { kind: "fine-tune", status: "open" });
    const step = { steps: 3, loss: 0.1, gradientNorm: 1, divergence: 0.01, entropy: 0.5, length: 12, telling: 0.5 };
    const rows = [
      { ...step, step: 1, reward: 0.25 },
      { ...step, step: 2, reward: "<b>all</b>" },
      { ...step, step: 3, reward: 0.75 },
    ];
    await writeFile(join(folder, "training.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const { figures } = await view.get<ResultView>("/api/watch?run=rewarded");
    const figure = figures.find(({ heading }) => heading === "What was sampled");
    const numbers = JSON.stringify(figure?.numbers);
    expect(numbers).toContain(`["1","0.25",`);
    expect(numbers).toContain(`["3","0.75",`);
    expect(numbers).not.toContain("<b>");
  });
});
