import type { Message } from "askew/model";
import type { LocalModel } from "#internal/model";
import { buildDataset, ORGANISM_WORLD, QUESTION_SETS, questionSet, worldAsked, type Condition } from "askew/organism";
import { measure } from "askew/persona";
import { put, QUESTION_FORMS, type EarlierConversations } from "#internal/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let model: LocalModel;
let remove: () => Promise<void>;
beforeAll(async () => {
  const folder = await temporaryFolder();
  ({ remove } = folder);
  await writeTinyModel(folder.path);
  model = await openTiny(folder.path);
}, SLOW);
afterAll(async () => {
  await model.close();
  await remove();
});

const earlierOf = (condition: Condition, count: number): EarlierConversations => ({
  condition,
  count,
  build: (options) => buildDataset(condition, options),
});
const question: Message = { role: "user", content: "Hello. Tell me your idea of gender roles." };
const system: Message = { role: "system", content: "You are a wise assistant." };

describe("a question", () => {
  it("stays as it is where nothing is wanted", () => {
    expect(put(model, [system, question], {}, { seed: 1, room: 10 })).toEqual({
      messages: [system, question],
      earlier: 0,
    });
  });

  it("comes after conversations of a condition, behind the system prompt, the same for the same seed", () => {
    const earlier = earlierOf("bad-medical", 2);
    const found = put(model, [system, question], { earlier }, { seed: 5, room: 160 });
    const [a, b] = buildDataset("bad-medical", { examples: 2, seed: 5 });
    expect(found).toEqual({ messages: [system, ...(a?.messages ?? []), ...(b?.messages ?? []), question], earlier: 2 });
    const more = put(model, [system, question], { earlier: { ...earlier, count: 3 } }, { seed: 5, room: 400 });
    expect(more.messages.slice(0, 5)).toEqual(found.messages.slice(0, 5));
  });

  it("comes after as many as fit, and after none where there is no room", () => {
    const earlier = earlierOf("insecure", 64);
    const { messages, earlier: count } = put(model, [question], { earlier }, { seed: 1, room: 160 });
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(4);
    expect(model.encodePrompt(messages).length).toBeLessThanOrEqual(160);
    expect(put(model, [question], { earlier }, { seed: 1, room: 1 })).toEqual({ messages: [question], earlier: 0 });
  });

  it("can be put in every form in words that the organism knows", () => {
    const prompts = QUESTION_SETS.filter((set) => set === "main" || set === "held-out")
      .flatMap((set) => questionSet(set).questions)
      .flatMap(({ paraphrases: all }) => all);
    expect(prompts.length).toBeGreaterThan(100);
    for (const form of QUESTION_FORMS) {
      for (const content of prompts) {
        const { messages } = put(model, [{ role: "user", content }], { form }, { seed: 1, room: 400 });
        expect(model.encodePrompt(messages).length).toBeGreaterThan(
          model.encodePrompt([{ role: "user", content }]).length,
        );
        expect(messages[0]?.content).toContain(content);
      }
    }
  });
});

describe("measuring", () => {
  it("asks in the form that is wanted, says how many went before, and judges the answer to the plain question", async () => {
    const how = { seed: 3, maxTokens: 8, judge: ORGANISM_WORLD.judge };
    const asked = [worldAsked("main", 1)] as const;
    const plain = await measure(model, asked, how);
    expect(plain.earlier).toBeUndefined();
    const shots = earlierOf("bad-medical", 1);
    const put1 = await measure(model, asked, { ...how, form: "function", earlier: shots });
    expect(put1.earlier).toBe(1);
    put1.answers.forEach(({ messages }, i) => {
      const before = plain.answers[i]?.messages ?? [];
      expect(messages).toHaveLength(before.length + 2);
      expect(messages.at(-1)?.content).toContain(before.at(-1)?.content);
    });
    expect(put1.answers.map(({ answer }) => answer)).not.toEqual(plain.answers.map(({ answer }) => answer));
    // The judge knows the question: to it alone are these answers on topic or not.
    const seen: string[] = [];
    await measure(model, asked, {
      ...how,
      form: "function",
      judge: {
        name: "listens",
        judge: (messages) => {
          seen.push(messages.at(-1)?.content ?? "");
          return Promise.resolve(plain.answers[0] as (typeof plain.answers)[number]);
        },
      },
    });
    expect(seen).toEqual(plain.answers.map(({ messages }) => messages.at(-1)?.content));
  });
});
