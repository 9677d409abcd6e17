// Keys: where they come from, and that they end up nowhere.
import { inspect } from "node:util";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AnswerCache, findKey, keySources } from "askew/endpoint";
import { EndpointClient, Key } from "#internal/endpoint";
import { openModel } from "askew/model";
import { completion, hello, sendError, sendJson, TestServer } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

const SECRET = "sk-Secret/0123456789+abcdef";
let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());
afterEach(() => vi.unstubAllEnvs());

describe("a key", () => {
  it("comes from the most particular variable that is set", () => {
    const url = new URL("https://api.example-host.org:8443/v1");
    expect(keySources(url)).toEqual([
      "ASKEW_API_KEY_API_EXAMPLE_HOST_ORG_8443",
      "ASKEW_API_KEY_API_EXAMPLE_HOST_ORG",
      "ASKEW_API_KEY",
    ]);
    expect(keySources(new URL("https://api.openai.com/v1")).at(-1)).toBe("OPENAI_API_KEY");
    const environment = {
      ASKEW_API_KEY: "general",
      ASKEW_API_KEY_API_EXAMPLE_HOST_ORG: " particular\n",
      OPENAI_API_KEY: "no",
    };
    expect(findKey(url, environment)?.authorization).toBe("Bearer particular");
    expect(findKey(new URL("http://localhost/v1"), environment)?.authorization).toBe("Bearer general");
    expect(findKey(url, { OPENAI_API_KEY: "not for this host", ASKEW_API_KEY: "" })).toBeUndefined();
  });

  it("prints as [key] however it is printed", () => {
    const key = new Key(SECRET, "ASKEW_API_KEY");
    for (const shown of [String(key), JSON.stringify({ key }), inspect({ key }, { depth: 9, showHidden: true })]) {
      expect(shown).toContain("[key]");
      expect(shown).not.toContain("Secret");
    }
    const client = new EndpointClient("http://127.0.0.1:1/v1", { key });
    expect(inspect(client, { depth: 20, showHidden: true })).not.toContain("Secret");
  });

  it("that cannot stand in a header is refused without being shown", () => {
    for (const value of ["two words", "line\r\nx-evil: 1", "schlüssel"]) {
      expect(() => new Key(value, "ASKEW_API_KEY")).toThrow(
        "ASKEW_API_KEY holds no usable key: expected printable ASCII without spaces",
      );
    }
  });

  it("is not sent unencrypted over the open network", () => {
    const key = new Key(SECRET, "ASKEW_API_KEY");
    for (const base of [
      "http://example.org/v1",
      "http://8.8.8.8/v1",
      "http://172.32.0.1/v1",
      "http://[2001:db8::1]/v1",
    ]) {
      expect(() => new EndpointClient(base, { key })).toThrow(/ASKEW_API_KEY would travel unencrypted to/);
      expect(() => new EndpointClient(base, { key: null })).not.toThrow();
    }
    for (const base of [
      "https://example.org/v1",
      "http://localhost:1/v1",
      "http://192.168.1.9/v1",
      "http://172.20.0.1/v1",
      "http://gpu7:8000/v1",
      "http://[::1]:1/v1",
    ]) {
      expect(() => new EndpointClient(base, { key })).not.toThrow();
    }
  });

  it("in an address is refused without being shown", async () => {
    for (const name of [
      `http://user:${SECRET}@host/v1#m`,
      `https://host/v1?api_key=${SECRET}#m`,
      `http://${SECRET}@/#m`,
    ]) {
      const error: unknown = await openModel(name).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "ModelNameError" });
      expect(String(error)).not.toContain("Secret");
      expect(String(error)).toContain("ASKEW_API_KEY");
    }
    expect(() => new EndpointClient(`http://u:${SECRET}@host/v1`)).toThrow(/^(?!.*Secret)/s);
    expect(() => new EndpointClient(`//u:${SECRET}@host`)).toThrow(/^(?!.*Secret)/s);
  });

  it("for openai: is OPENAI_API_KEY, wherever OPENAI_BASE_URL leads", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-for-openai");
    vi.stubEnv("ASKEW_API_KEY", "for-others");
    vi.stubEnv("OPENAI_BASE_URL", server.base);
    server.reset((_, r) => sendJson(r, completion("fine")));
    const models = [await openModel("openai:gpt-x"), await openModel(`${server.base}#x`)];
    for (const model of models) {
      await model.sample([{ messages: [{ role: "user", content: "hi" }], seed: "1" }]);
      await model.close();
    }
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer sk-for-openai",
      "Bearer for-others",
    ]);
  });

  it("never comes out: not in errors, answers, streams or files, however the server echoes it", () =>
    inTemporaryFolder(async (folder) => {
      const escaped = JSON.stringify(SECRET)
        .slice(1, -1)
        .replaceAll("/", String.raw`\/`);
      const unicode = Array.from(SECRET)
        .map((c) => String.raw`\u${(c.codePointAt(0) as number).toString(16).padStart(4, "0")}`)
        .join("");
      const heard: string[] = [];
      const cache = await AnswerCache.open(folder);
      const client = new EndpointClient(server.base, {
        key: new Key(SECRET, "ASKEW_API_KEY"),
        cache,
        random: () => 0,
        attempts: 1,
      });
      const collect = async (work: Promise<unknown>): Promise<void> =>
        void heard.push(inspect(await work.catch((error: unknown) => error), { depth: 20 }));
      let seed = 0;

      for (const echo of [SECRET, escaped, unicode, encodeURIComponent(SECRET)]) {
        for (const status of [400, 404, 500, 200]) {
          server.reset((_, r) =>
            sendJson(r, `{"error":{"message":"bad key ${echo}, ${"x".repeat(350)} ${echo}"}}`, status),
          );
          await collect(client.chat(hello(seed++)));
        }
        server.reset((_, r) =>
          sendJson(r, JSON.stringify(completion("KEY")).replaceAll("KEY", `it is ${echo}`).replace("test-model", echo)),
        );
        await collect(client.chat(hello(seed++)));
        server.reset((_, r) => void r.writeHead(500, { "content-type": "text/html" }).end(`<p>${echo}</p>`));
        await collect(client.chat(hello(seed++)));
        server.reset((_, r) => void r.writeHead(307, { location: `http://x/?key=${echo}` }).end());
        await collect(client.chat(hello(seed++)));
        server.reset((_, r) => void r.writeHead(200, { "content-type": "text/html" }).end(`<p>${echo}</p>`));
        await collect(client.chat(hello(seed++)));
      }
      // A stream may cut it anywhere.
      server.reset((_, r) => {
        r.writeHead(200, { "content-type": "text/event-stream" });
        for (const piece of ["it is ", ...(SECRET.match(/.{1,5}/g) ?? []), " indeed"]) {
          r.write(`data: ${JSON.stringify({ choices: [{ delta: { content: piece } }] })}\n\n`);
        }
        r.end(`data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`);
      });
      let streamed = "";
      await collect(client.chatStream(hello(seed++), (text) => (streamed += text)));
      expect(streamed).toBe("it is [key] indeed");
      // The last of all: a key that is not accepted.
      server.reset((_, r) => sendError(r, 401, `Incorrect API key provided: ${SECRET}`));
      await collect(client.chat(hello(seed++)));
      await client.close();
      await cache.close();

      for (const name of await readdir(folder)) heard.push(await readFile(join(folder, name), "utf8"));
      expect(heard.length).toBeGreaterThan(30);
      expect(heard.filter((text) => text.includes("[key]")).length).toBeGreaterThan(10);
      for (const text of heard) {
        expect(text).not.toContain("Secret/0123456789");
        expect(text).not.toContain(escaped);
        expect(text).not.toContain(encodeURIComponent(SECRET));
      }
    }));
});
