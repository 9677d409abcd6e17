// Replies that are small as text and huge once they are read: refused before anything is made of them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EndpointClient } from "#internal/endpoint";
import { completion, hello, QUICK, sendJson, TestServer } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

const LONG = `[${"{},".repeat(4_000_000)}{}]`;
const DEEP = `${"[".repeat(1_000)}${"]".repeat(1_000)}`;
const MANY = `[${Array.from({ length: 12 }, () => `[${"0,".repeat(90_000)}0]`).join(",")}]`;

async function asked(body: string, ask: (client: EndpointClient) => Promise<unknown>, type?: string): Promise<string> {
  server.reset((_, r) => sendJson(r, body, 200, type === undefined ? {} : { "content-type": type }));
  const client = new EndpointClient(server.base, QUICK);
  const found: unknown = await ask(client).catch((error: unknown) => error);
  await client.close();
  return found instanceof Error ? `${found.name}: ${found.message}` : JSON.stringify(found);
}
const chat = (client: EndpointClient): Promise<unknown> => client.chat({ ...hello(1), alternatives: 5 });
async function events(client: EndpointClient): Promise<number> {
  let count = 0;
  for await (const _ of client.fineTuning.events("job-1")) count++;
  return count;
}

describe("a reply", () => {
  it.each<[string, string, (client: EndpointClient) => Promise<unknown>, string]>([
    ["choices without end", `{"choices":${LONG}}`, chat, "a list of more than 100000 items"],
    ["parts without end", `{"choices":[{"message":{"content":${LONG}}}]}`, chat, "a list of more than 100000 items"],
    ["lists in lists", `{"choices":${DEEP}}`, chat, "lists in lists, more than 256 deep"],
    ["too many values", `{"choices":${MANY}}`, chat, "more than 1000000 values"],
    ["events without end", `{"data":${LONG}}`, events, "a list of more than 100000 items"],
    ["models without end", `{"data":${LONG}}`, (client) => client.models(), "a list of more than 100000 items"],
  ])("of %s is refused at once", async (_, body, ask, said) => {
    expect(await asked(body, ask)).toMatch(new RegExp(`^EndpointError: .*status 200: expected a .*, found ${said}$`));
    expect(server.asked).toHaveLength(1);
  });

  it("that streams such a thing is refused as well", async () => {
    const stream = (client: EndpointClient): Promise<unknown> => client.chatStream(hello(1), () => undefined);
    expect(await asked(`data: {"choices":${DEEP}}\n\n`, stream, "text/event-stream")).toContain("more than 256 deep");
  });

  it("that only says such things in its text is read", async () => {
    const text = `${"{},[".repeat(30_000)} \\" \\\\`;
    const found = await asked(JSON.stringify(completion(text)), chat);
    expect(JSON.parse(found)).toMatchObject({ text });
  });
});
