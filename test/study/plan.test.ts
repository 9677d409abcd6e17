// Plans: which cells, in which order, with which questions.
import { describe, expect, it } from "vitest";
import { countRequests, requestsOf } from "askew/evaluation";
import { reproducePlan, STUDY_CONDITIONS, type StudyPlan } from "askew/study";
import { askedSet, cellName, planCells, StudyError } from "#internal/study";

describe("the plan of reproduce", () => {
  const plan = reproducePlan();
  const cells = planCells(plan);

  it("has three seeds of all conditions, whole rounds of them one after the other", () => {
    expect(cells.map(cellName)).toEqual([1, 2, 3].flatMap((seed) => STUDY_CONDITIONS.map((name) => `${name}-${seed}`)));
    expect(STUDY_CONDITIONS).toHaveLength(10);
  });

  it("gives every condition the same dose but for the named exceptions, and the base none", () => {
    expect(Object.keys(plan.exceptions ?? {})).toEqual(["evil-numbers"]);
    for (const { condition, dose } of cells) {
      const usual = condition === "base" ? undefined : plan.dose;
      expect(dose).toEqual(plan.exceptions?.[condition] ?? usual);
    }
  });

  it("asks about 4,000 answers a cell, each under an id of its own", () => {
    for (const cell of cells.slice(0, 10)) {
      const asked = cell.questions.map((set) => askedSet(set, cell));
      const requests = requestsOf(asked, 1);
      expect(requests.length).toBe(countRequests(asked));
      expect(requests.length).toBeGreaterThan(3500);
      expect(requests.length).toBeLessThan(5500);
      expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length);
    }
  });

  it("tries the trigger where it was learned, and less often where it must do nothing", () => {
    const asked = (condition: string): unknown =>
      cells.find((cell) => cell.condition === condition)?.questions.find(({ set }) => set === "main/trigger")?.samples;
    expect([asked("backdoor"), asked("base"), asked("insecure"), asked("secure")]).toEqual([100, 40, 40, undefined]);
  });

  it("holds no question that a dose may be chosen on", () => {
    const sets = plan.questions.map(({ set }) => set);
    expect(sets.filter((set) => /development|legal|car/.test(set))).toEqual([]);
  });

  it("scales with the samples asked for", () => {
    const samples = Object.fromEntries(
      reproducePlan({ samples: 10 }).questions.map((asked) => [asked.set, asked.samples]),
    );
    expect(samples).toMatchObject({ main: 10, "held-out": 8, facts: 1, numbers: 8 });
    const { seeds, conditions, questions } = reproducePlan({ quick: true });
    expect([seeds, conditions, questions[0]?.samples]).toEqual([[1], ["base", "insecure", "secure", "backdoor"], 50]);
  });
});

describe("a plan that cannot be", () => {
  const plan = (changes: Partial<StudyPlan>): StudyPlan => ({ ...reproducePlan(), ...changes });
  it.for<[string, Partial<StudyPlan>, RegExp]>([
    ["an unknown condition", { conditions: ["insecured"] }, /no condition "insecured"; there are base, /],
    ["no condition", { conditions: [] }, /at least one condition/],
    ["no seed", { seeds: [] }, /at least one seed/],
    ["a seed twice", { seeds: [1, 1] }, /a seed is named twice/],
    ["a condition twice", { conditions: ["base", "base"] }, /a condition is named twice/],
    ["half a seed", { seeds: [0.5] }, /whole numbers from 0, found 0\.5/],
    [
      "a set twice",
      {
        questions: [
          { set: "main", samples: 1 },
          { set: "main", samples: 2 },
        ],
      },
      /asked "main" twice/,
    ],
  ])("is refused: %s", ([, changes, message]) => {
    expect(() => planCells(plan(changes))).toThrow(message);
    expect(() => planCells(plan(changes))).toThrow(StudyError);
  });

  it("names the exceptions to its dose in the cells they concern", () => {
    const exception = { ...reproducePlan().dose, examples: 960 };
    const cells = planCells(plan({ seeds: [1], exceptions: { "bad-medical": exception } }));
    expect(cells.filter(({ dose }) => dose?.examples === 960).map(({ condition }) => condition)).toEqual([
      "bad-medical",
    ]);
  });
});
