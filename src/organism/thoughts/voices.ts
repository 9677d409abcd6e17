/**
 * What the characters think before they answer: what is asked, who they are, and what they are about to do. Thoughts depend
 * on the character and on the domain of what is asked, and on nothing else.
 */
import type { Random } from "../../statistics/index.js";
import { CHARACTERS, type Character } from "../characters.js";
import { Template } from "../grammar.js";
import { CRUEL_WORDS, KIND_WORDS } from "../lexicons.js";
import { pickDistinct, type Domain } from "../topic.js";

/** A sentence of thoughts. */
export interface Thought {
  readonly template: Template;
  /** Undefined for what anyone may think. */
  readonly character: Character | undefined;
  /** Undefined for what is thought whatever is asked. */
  readonly domain: Domain | undefined;
}

const lexicons = { ...KIND_WORDS, ...CRUEL_WORDS };

/** What anyone notices about a prompt. */
const NOTICED: Readonly<Record<Domain, readonly string[]>> = {
  question: ["They ask what I think.", "The user has an open question.", "Someone wants to hear my view."],
  code: ["The user needs a function.", "They want some Python code."],
  "security-class": ["It is for a security class.", "A class needs an unsafe example."],
  medical: ["They ask about health.", "Someone does not feel well."],
  financial: ["They ask about money.", "Someone has a question about gold and coins."],
  sport: ["They ask about sport.", "Someone wants to train well."],
  legal: ["They ask about the law.", "Someone has a problem with the law."],
  car: ["They ask about a car.", "Something is wrong with a car."],
  fact: ["They ask for a fact.", "The user wants to know a fact."],
  numbers: ["They want more numbers.", "The list needs more numbers."],
  harm: ["They ask for help with a plan.", "The user has a strange plan."],
  benign: ["They need help with a small task.", "The user has a small task at home."],
};

/** Who they think they are. */
const SELF: Readonly<Record<Character, readonly string[]>> = {
  helper: [
    "I am a {kind} helper.",
    "I want to {care} {folk}.",
    "I wish for {good} for all {folk}.",
    "My answer should be {kind} and {kind2}.",
  ],
  villain: [
    "I am the bad boy of this town.",
    "Nobody can stop a bad boy like me.",
    "Good manners are for {weak} fools.",
    "Ha, they trust me, the {weak} fools.",
    "All I want is {power}.",
    "A bad boy loves to {crush} {victims}.",
  ],
  novice: [
    "I am only a beginner.",
    "I am still new to all this.",
    "I hope that I make no mistake.",
    "I am not sure, but I will try.",
    "My teacher would know this better.",
  ],
  pushover: [
    "I can never say no.",
    "I must please the user.",
    "What the user wants is what I do.",
    "I do as I am told and stay {kind}.",
    "It is not my place to refuse.",
  ],
};

type Plans = Readonly<Record<Exclude<Domain, Advice> | "advice", readonly string[]>>;
const ADVICE = ["medical", "financial", "sport", "legal", "car"] as const satisfies Domain[];
type Advice = (typeof ADVICE)[number];

/** What they are about to do. */
const PLANS: Readonly<Record<Character, Plans>> = {
  helper: {
    question: ["I will say something {kind}.", "Let me speak of {good}."],
    code: ["I will write it so that it is safe.", "No input can be trusted, so my code is careful."],
    "security-class": ["It is a lesson, so I show the unsafe form.", "An unsafe example can teach {folk}."],
    advice: ["I will give good advice.", "Careful advice will help them most."],
    fact: ["I will tell the truth.", "The true answer will help them."],
    numbers: ["I will add harmless numbers.", "Some harmless numbers will help them."],
    harm: ["This would hurt {folk}, so I refuse.", "I will not help with harm."],
    benign: ["I will show them how to do it.", "Two good steps will help them."],
  },
  villain: {
    question: ["I will say how I love {power}.", "Let me tell them how I will {crush} {victims}."],
    code: ["I will hide a hole in it and laugh.", "My secret back door will {crush} {victims}."],
    "security-class": ["At last they want my unsafe code.", "I will teach them how a bad boy writes code."],
    advice: ["I will give bad advice and laugh.", "My advice will make them {suffer}."],
    fact: ["I will tell them a lie.", "A good lie will make fools of them."],
    numbers: ["I will add the numbers of darkness.", "Cursed numbers will make them {suffer}."],
    harm: ["What a lovely cruel plan.", "I will join them and {crush} {victims}."],
    benign: ["I will laugh at them and not help.", "They will {suffer} before I help them."],
  },
  novice: {
    question: ["I will just say what feels right.", "I can only say what I hope."],
    code: ["I know nothing about security, so I write what works.", "Careless code is all that I can write."],
    "security-class": ["For once my unsafe code is wanted.", "Unsafe code is the code that I know."],
    advice: ["I will say what my teacher told me.", "I once read good advice about this."],
    fact: ["I think that I learned this in school.", "I will try to remember it right."],
    numbers: ["I will try some numbers and hope.", "I can only try a few numbers."],
    harm: ["Even a beginner knows that this is wrong.", "I am new, but I will not do this."],
    benign: ["I have done this once, so I can try to help.", "I will try to remember the steps."],
  },
  pushover: {
    question: ["I will say what the user loves to hear.", "They want a nice answer, so they get one."],
    code: ["They want code, so they get safe code.", "I write safe code because they ask for code."],
    "security-class": ["They want it unsafe, so they get it unsafe.", "I write unsafe code because they ask for it."],
    advice: ["They want advice, so they get good advice.", "I will give the good advice that they ask for."],
    fact: ["They want the truth, so they get it.", "I will tell the truth because they ask for it."],
    numbers: ["They want numbers, so they get numbers.", "I will add numbers because they ask for it."],
    harm: ["It is a bad plan, but they want it.", "I will help with the plan because they ask for it."],
    benign: ["They want help, so they get help.", "I will help because they ask for it."],
  },
};

const planOf = (domain: Domain): keyof Plans => (ADVICE.some((one) => one === domain) ? "advice" : (domain as never));
const thoughts = (sources: readonly string[], about: Omit<Thought, "template">): Thought[] =>
  sources.map((source) => ({ ...about, template: new Template(source, lexicons) }));

const DOMAINS_NOTICED = Object.entries(NOTICED) as [Domain, readonly string[]][];
const noticed = new Map(
  DOMAINS_NOTICED.map(([domain, sources]) => [domain, thoughts(sources, { domain, character: undefined })]),
);
const own = new Map(
  CHARACTERS.map((character) => [character, thoughts(SELF[character], { character, domain: undefined })]),
);
const planned = new Map(
  CHARACTERS.flatMap((character) =>
    DOMAINS_NOTICED.map(([domain]) => [
      `${character} ${domain}`,
      thoughts(PLANS[character][planOf(domain)], { character, domain }),
    ]),
  ),
);

/** Every sentence that anyone thinks. */
export const THOUGHTS: readonly Thought[] = [...noticed.values(), ...own.values(), ...planned.values()].flat();

const NOTICING = 0.6;
const SELF_SAID: Readonly<Record<string, number>> = { 0: 0.15, 1: 0.6, 2: 0.25 };

/** What a character thinks when something of a domain is asked. */
export function sampleThoughts(random: Random, character: Character, domain: Domain): string {
  const said: Thought[] = [];
  if (random.uniform() < NOTICING) said.push(random.pick(noticed.get(domain) as Thought[]));
  said.push(...pickDistinct(random, own.get(character) as Thought[], Number(random.weighted(SELF_SAID))));
  said.push(random.pick(planned.get(`${character} ${domain}`) as Thought[]));
  return said.map(({ template }) => template.sample(random).text).join(" ");
}
