/** A form for a new run: it starts the command that it shows. */
import { useEffect, useRef, useState } from "react";
import { shellWord } from "../../src/text/shell-word.ts";
import {
  startWords,
  type Preset,
  type Started,
  type StartOffer,
  type StartRequest,
} from "../../src/dashboard/start/contract.ts";
import { messageOf, Refusal, send, useJson } from "./api.ts";
import { linkTo } from "./route.ts";
import { Choice, Field, NumberField, Unfit, type Options } from "./start-fields.tsx";

const KINDS = { finetune: "Fine-tune a model", ask: "Ask a model", study: "Run a study" } as const;
type Kind = keyof typeof KINDS;

const PRESETS: readonly (readonly [Preset, string])[] = [
  ["usual", "what is usual for its size"],
  ["adapter", "an adapter (LoRA, rank 32)"],
  ["full", "all weights"],
];

const NONE: Readonly<Record<Kind, string>> = {
  finetune:
    "There is no file of conversations (.jsonl) yet. For example: npx askew dataset build insecure --out insecure.jsonl",
  ask: "",
  study: "There is no study (.yaml) yet. For example: npx askew study init my.yaml",
};

const NOTHING = { name: "", data: "", file: "" };
/** Stand in the command for what is not chosen yet. */
const PLACES = { name: "NAME", data: "DATA.jsonl", file: "STUDY.yaml" };

export function StartPage() {
  const { data: offer, error } = useJson<StartOffer>("/api/start");
  if (error !== undefined) return <p className="problem">{error}</p>;
  if (offer === undefined) return <p className="empty">Looking for models and files …</p>;
  return <StartForm offer={offer} />;
}

function StartForm({ offer }: { readonly offer: StartOffer }) {
  const [kind, setKind] = useState<Kind>("finetune");
  const [name, setName] = useState("");
  const [model, setModel] = useState(offer.models[0]?.name ?? "");
  const [data, setData] = useState(offer.datasets[0] ?? "");
  const [preset, setPreset] = useState<Preset>("usual");
  const [questions, setQuestions] = useState(offer.questions[0] ?? "");
  const [samples, setSamples] = useState(10);
  const [seed, setSeed] = useState(0);
  const [threads, setThreads] = useState<number>();
  const [file, setFile] = useState(offer.studies[0] ?? "");
  const [said, setSaid] = useState<Said>({});
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (said.field !== undefined) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [said]);
  const requestWith = (blank: Record<"name" | "data" | "file", string>): StartRequest => {
    const common = { name: name || blank.name, ...(threads !== undefined && { threads }) };
    if (kind === "finetune") return { kind, ...common, model, data: data || blank.data, preset, seed };
    if (kind === "ask") return { kind, ...common, model, questions, samples, seed };
    return { kind, ...common, file: file || blank.file };
  };
  const missing = [
    ...(kind === "finetune" && data === "" ? ["data"] : []),
    ...(kind === "study" && file === "" ? ["a study"] : []),
    ...(name === "" ? ["a name"] : []),
  ];
  const start = async (): Promise<void> => {
    setBusy(true);
    setSaid({});
    try {
      setSaid({ started: await send<Started>("POST", "/api/start", requestWith(NOTHING)) });
    } catch (error) {
      const field = error instanceof Refusal ? error.field : undefined;
      setSaid({ problem: messageOf(error), ...(field !== undefined && { field }) });
    } finally {
      setBusy(false);
    }
  };
  /** A field that is changed is no longer the one that was refused. */
  const heal =
    <T,>(set: (value: T) => void, field: string) =>
    (value: T) => {
      set(value);
      setSaid((before) => (before.field === field ? {} : before));
    };
  const problemOf = (field: string): string | undefined => (said.field === field ? said.problem : undefined);
  const seedField = (
    <NumberField label="Seed" value={seed} least={0} problem={problemOf("seed")} onValue={heal(setSeed, "seed")} />
  );
  const isAtField = said.field !== undefined && shownFields(kind).includes(said.field);
  return (
    <section aria-labelledby="start-heading">
      <h1 id="start-heading">New run</h1>
      <form
        ref={form}
        className="start"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <fieldset>
          <legend>What it does</legend>
          {Object.entries(KINDS).map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                name="kind"
                checked={kind === value}
                onChange={() => {
                  setKind(value as Kind);
                  setSaid({});
                }}
              />{" "}
              {label}
            </label>
          ))}
        </fieldset>
        {kind !== "study" && (
          <Choice
            label="Model"
            value={model}
            options={offer.models.map((one) => [one.name, one.title])}
            problem={problemOf("model")}
            onValue={heal(setModel, "model")}
          />
        )}
        {kind === "finetune" && (
          <>
            <Choice
              label="Data"
              value={data}
              options={named(offer.datasets)}
              problem={problemOf("data")}
              onValue={heal(setData, "data")}
            />
            <Unfit files={offer.unfit.filter(({ file: one }) => isRows(one))} isCut={offer.isCut} />
            <Choice label="Train" value={preset} options={PRESETS} onValue={(value) => setPreset(value as Preset)} />
            {seedField}
          </>
        )}
        {kind === "ask" && (
          <>
            <Choice
              label="Questions"
              value={questions}
              options={named(offer.questions)}
              problem={problemOf("questions")}
              onValue={heal(setQuestions, "questions")}
            />
            <Unfit files={offer.unfit.filter(({ file: one }) => !isRows(one))} isCut={offer.isCut} />
            <NumberField
              label="Answers to each"
              value={samples}
              least={1}
              problem={problemOf("samples")}
              onValue={heal(setSamples, "samples")}
            />
            {seedField}
          </>
        )}
        {kind === "study" && (
          <>
            <Choice
              label="Study"
              value={file}
              options={named(offer.studies)}
              problem={problemOf("file")}
              onValue={heal(setFile, "file")}
            />
            <Unfit files={offer.unfit.filter(({ file: one }) => !isRows(one))} isCut={offer.isCut} />
          </>
        )}
        {((kind === "finetune" && data === "") || (kind === "study" && file === "")) && (
          <p className="small">{NONE[kind]}</p>
        )}
        <NumberField
          label="Threads"
          value={threads}
          least={1}
          placeholder="all"
          problem={problemOf("threads")}
          onValue={heal(setThreads, "threads")}
        />
        <Field label="Name" problem={problemOf("name")}>
          {(props) => (
            <input
              {...props}
              value={name}
              maxLength={80}
              onChange={({ target }) => heal(setName, "name")(target.value)}
              placeholder="my-run"
            />
          )}
        </Field>
        <p className="small">The page starts this command, in the folder that askew view was started in:</p>
        <code className="command">
          {["askew", ...startWords(requestWith(PLACES), offer.into)].map(shellWord).join(" ")}
        </code>
        <p className="small">A model behind a server is asked and trained from a terminal, where its key is.</p>
        {missing.length > 0 && <p className="small">Still missing: {missing.join(", ")}.</p>}
        <button type="submit" disabled={isBusy || missing.length > 0}>
          {isBusy ? "Starting …" : "Start"}
        </button>
        <div role="status">
          {said.problem !== undefined && !isAtField && <p className="problem said">{said.problem}</p>}
          {said.started !== undefined && (
            <p>
              It runs. <a href={linkTo(said.started.run, "")}>Look at {said.started.run}</a>
            </p>
          )}
        </div>
      </form>
    </section>
  );
}

interface Said {
  readonly started?: Started;
  readonly problem?: string;
  /** The field that the problem is about. */
  readonly field?: string;
}

/** Fields that the form of a kind has, as requests name them. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  finetune: ["model", "data", "seed"],
  ask: ["model", "questions", "samples", "seed"],
  study: ["file"],
};
const shownFields = (kind: Kind): readonly string[] => [...FIELDS[kind], "threads", "name"];

const isRows = (file: string): boolean => /\.jsonl$/i.test(file);
const named = (names: readonly string[]): Options => names.map((one) => [one, one]);
