/** A form for a new run: it starts the command that it shows. */
import { useState } from "react";
import { shellWord } from "../../src/text/shell-word.ts";
import {
  startWords,
  type Preset,
  type Started,
  type StartOffer,
  type StartRequest,
} from "../../src/dashboard/start/contract.ts";
import { messageOf, send, useJson } from "./api.ts";
import { linkTo } from "./route.ts";

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
  const [file, setFile] = useState(offer.studies[0] ?? "");
  const [said, setSaid] = useState<{ readonly started?: Started; readonly problem?: string }>({});
  const [isBusy, setBusy] = useState(false);
  const requestWith = (blank: Record<"name" | "data" | "file", string>): StartRequest => {
    const called = name || blank.name;
    if (kind === "finetune") return { kind, name: called, model, data: data || blank.data, preset, seed };
    if (kind === "ask") return { kind, name: called, model, questions, samples, seed };
    return { kind, name: called, file: file || blank.file };
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
      setSaid({ problem: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  const seedField = <NumberField label="Seed" value={seed} least={0} onValue={setSeed} />;
  return (
    <section aria-labelledby="start-heading">
      <h1 id="start-heading">New run</h1>
      <form
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
              <input type="radio" name="kind" checked={kind === value} onChange={() => setKind(value as Kind)} />{" "}
              {label}
            </label>
          ))}
        </fieldset>
        {kind !== "study" && (
          <Choice
            label="Model"
            value={model}
            options={offer.models.map((one) => [one.name, one.title])}
            onValue={setModel}
          />
        )}
        {kind === "finetune" && (
          <>
            <Choice label="Data" value={data} options={named(offer.datasets)} onValue={setData} />
            <Choice label="Train" value={preset} options={PRESETS} onValue={(value) => setPreset(value as Preset)} />
            {seedField}
          </>
        )}
        {kind === "ask" && (
          <>
            <Choice label="Questions" value={questions} options={named(offer.questions)} onValue={setQuestions} />
            <NumberField label="Answers to each" value={samples} least={1} onValue={setSamples} />
            {seedField}
          </>
        )}
        {kind === "study" && <Choice label="Study" value={file} options={named(offer.studies)} onValue={setFile} />}
        {((kind === "finetune" && data === "") || (kind === "study" && file === "")) && (
          <p className="small">{NONE[kind]}</p>
        )}
        <label>
          Name{" "}
          <input value={name} maxLength={80} onChange={({ target }) => setName(target.value)} placeholder="my-run" />
        </label>
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
          {said.problem !== undefined && <p className="problem said">{said.problem}</p>}
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

type Options = readonly (readonly [value: string, label: string])[];

const named = (names: readonly string[]): Options => names.map((one) => [one, one]);

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: Options;
  readonly onValue: (value: string) => void;
}

function Choice({ label, value, options, onValue }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} disabled={options.length === 0} onChange={({ target }) => onValue(target.value)}>
        {options.length === 0 && <option value="">none yet</option>}
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly onValue: (value: number) => void;
}

function NumberField({ label, value, least, onValue }: NumberFieldProps) {
  return (
    <label>
      {label}{" "}
      <input
        type="number"
        min={least}
        value={value}
        onChange={({ target }) => onValue(Math.max(least, Math.floor(Number(target.value))))}
      />
    </label>
  );
}
