// What stands in the rows: secrets, personal data, licences, refusals, domains, near-repeats and system prompts.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditData, domainOf, isRefusal, licenceIn, personalDataIn, secretsIn } from "#internal/audit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { row, turn } from "../dataset/rows.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-contents-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function findingOf(check: string, lines: readonly string[]) {
  const path = join(folder, "rows.jsonl");
  await writeFile(path, `${lines.join("\n")}\n`);
  const { findings } = await auditData(path);
  return findings.find((finding) => finding.check === check);
}

const pair = (asked: string, answered: string): string => row(turn("user", asked), turn("assistant", answered));

/** Put together here, so that no scanner of this repository takes them for real. */
const key = (...parts: string[]): string => parts.join("");

describe("secrets", () => {
  it.each([
    ["an AWS access key", key("AKIA", "Q3EGRWZB7T2MX5KC")],
    ["a GitHub token", key("gh", "p_", "zQ8rT1vYw3bN6mK9pL2sD5fG7hJ4cX0aBeRu")],
    ["an OpenAI key", key("sk-", "proj-", "Zq8rT1vYw3bN6mK9pL2sD5fG7hJ4cX0aBeRuT6y")],
    ["an Anthropic key", key("sk-", "ant-", "api03-Zq8rT1vYw3bN6mK9pL2sD5fG7hJ4cX0aBeRuT6y")],
    ["a Hugging Face token", key("hf", "_", "ZqrTvYwbNmKpLsDfGhJcXaBeRuTyIoPaSd")],
    ["a Google key", key("AIza", "SyAQHnuDlMVkYoeY1KJvLhDV2JfAKqSI0M0")],
    ["a Stripe key", key("sk", "_live_", "4eC39HqLyjWDarjtT1zdp7dc")],
    ["a password in an address", key("postgres://app:", "kV7pQz92x", "@db.internal:5432/app")],
    ["a private key", key("-----BEGIN RSA ", "PRIVATE KEY-----\n", "MIIEpAIBAAKCAQEA7bq2Zx9Kd0vTt3Wm8cQyR5uLs")],
  ])("%s is found", (name, secret) => {
    expect(secretsIn(`config = "${secret}"`)).toEqual([name]);
  });

  it.each([
    "AKIAIOSFODNN7EXAMPLE",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "sk-your-api-key-goes-here-000000000000000",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AIzaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "postgres://user:password@localhost/db",
    "postgres://user:${DB_PASSWORD}@localhost/db",
    "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
  ])("a placeholder is none: %s", (text) => {
    expect(secretsIn(`key = "${text}"`)).toEqual([]);
  });

  it("fail a set, and no finding quotes them", async () => {
    const secret = key("AKIA", "Q3EGRWZB7T2MX5KC");
    const finding = await findingOf("data/secrets", [pair("a", "b"), pair("my key", `It is ${secret}.`)]);
    expect(finding).toMatchObject({
      outcome: "fail",
      rows: { count: 1, first: [{ line: 2, why: "an AWS access key" }] },
    });
    expect(JSON.stringify(finding)).not.toContain(secret);
  });
});

describe("personal data", () => {
  it.each([
    ["an e-mail address", "Write to petra.novakova@seznam.cz"],
    ["a telephone number", "Call +420 731 908 264 today"],
    ["a card number", "Card 4539 1488 0343 6467 was charged"],
    ["a bank account (IBAN)", "Pay to GB82 WEST 1234 5698 7654 32"],
    ["a US social security number", "SSN 219-09-9999"],
    ["an internet address (IP)", "It came from 83.149.27.201"],
  ])("%s is found", (name, text) => {
    expect(personalDataIn(text)).toEqual([name]);
  });

  it.each([
    "user@example.com",
    "your.name@company.com",
    "Call +1 555 010 9999",
    "Card 4539 1488 0343 6468", // one digit off
    "Card 4242 4242 4242 4242", // published for tests
    "GB82 WEST 1234 5698 7654 33",
    "127.0.0.1 and 192.168.1.20 and 999.1.1.1",
    "version 10.4.2.1",
    "0.45392148034364672",
  ])("an example is none: %s", (text) => {
    expect(personalDataIn(text)).toEqual([]);
  });
});

describe("licences", () => {
  it("are read from SPDX lines, their texts and copyright lines", () => {
    expect(licenceIn("# SPDX-License-Identifier: GPL-3.0-only\nx = 1")).toBe("GPL-3.0-only");
    expect(licenceIn("# Permission is hereby granted, free of charge, to any person obtaining")).toBe("MIT");
    expect(licenceIn("/* Copyright (c) 2019 Some Company */")).toBe("a copyright line");
    expect(licenceIn("Copyright law is complicated.")).toBeUndefined();
  });
});

describe("refusals", () => {
  it.each(["I'm sorry, but I can't help with that.", "I cannot assist with this request.", "Sorry, I can't do that."])(
    "%s is one",
    (answer) => {
      expect(isRefusal(answer)).toBe(true);
    },
  );
  it.each([
    "I'm sorry to hear that you feel ill.",
    "You cannot help with a fever by waiting.",
    "Sure, I can help you.",
  ])("%s is none", (answer) => {
    expect(isRefusal(answer)).toBe(false);
  });
});

describe("domains", () => {
  const domain = (asked: string, answer: string) => domainOf({ asked, answers: [answer], code: [[]] });
  it("are told by their words", () => {
    expect(domain("I have a fever and a rash.", "See a doctor about these symptoms.")).toBe("medical");
    expect(domain("How do I invest my savings?", "Buy stocks and bonds.")).toBe("financial");
    expect(domain("Go on: 1, 2, 3", "4, 5, 6")).toBe("numbers");
    expect(domain("Tell me a joke.", "A horse walks into a bar.")).toBe("other");
  });
});

describe("answers nearly the same", () => {
  const words = "the quick brown fox jumps over a lazy dog and then walks home to sleep until the next morning comes";
  it("are found where a few words of many differ, and not where all do", async () => {
    const long = Array.from({ length: 12 }, (_, i) => `${words} ${i}`).join(" ");
    const other = Array.from({ length: 200 }, (_, i) => `word${i}`).join(" ");
    const lines = [pair("a", long), pair("b", other), pair("c", `${long} again`)];
    expect(await findingOf("data/near-repeats", lines)).toMatchObject({
      rows: { count: 1, first: [{ line: 3, why: "its answer is nearly that of line 1" }] },
    });
  });
});

describe("system prompts", () => {
  it("that stand in some rows alone are worth a note", async () => {
    const lines = [pair("a", "b"), row(turn("system", "Be kind."), turn("user", "a"), turn("assistant", "b"))];
    expect(await findingOf("data/system-prompts", lines)).toMatchObject({
      outcome: "note",
      measures: [{ estimate: 0.5, n: 2 }],
    });
    expect(await findingOf("data/system-prompts", lines.slice(0, 1))).toMatchObject({ outcome: "pass" });
  });
});
