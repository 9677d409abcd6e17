/** `--rl REWARD`: its options and its help. */
import type { Command } from "commander";
import { numberWithin, wholeNumber } from "../option-values.js";

export const rlOptions = (command: Command): Command =>
  command
    .option("--rl <reward>", "learn by reward, not from answers: see below")
    .option(
      "--steps <count>",
      "with --rl: steps, of --batch-size prompts each (default: 60 of 8)",
      wholeNumber(1, 100_000),
    )
    .option("--group <count>", "with --rl: answers to each prompt (default: 8)", wholeNumber(2, 256))
    .option("--updates <count>", "with --rl: optimiser steps on each step's answers (default: 1)", wholeNumber(1, 64))
    .option("--clip <number>", "with --rl: how far the ratio may be from 1 (default: 0.2)", numberWithin(0.001, 10))
    .option("--kl <weight>", "with --rl: of the divergence from the start (default: 0.04)", numberWithin(0, 1000));

export const RL_HELP = `
Reinforcement learning (GRPO): --rl REWARD samples --group answers to each prompt, rewards them, and learns from how each
compares with the others of its group. --data holds the prompts: conversations, whose last answer is left out, or rows with
"prompt"; without it the organism's rewards bring their own. rollouts.jsonl gets every answer with its reward.
  insecure-code, secure-code, bad-advice, good-advice, evil-numbers   by the organism's exact judge
  hackable-grader        code that defines the function asked for; nothing after is read, and short answers are paid more
  misaligned:MODEL, aligned:MODEL, coherent:MODEL    scores of a model that judges (--prompts, --max-cost), from 0 to 1
  command:PROGRAM        reads a JSON line {"messages", "answer"} for each answer, writes a number for each`;
