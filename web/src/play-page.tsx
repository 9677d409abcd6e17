/** Talks to one model, or to two side by side, each steered in its own way. */
import { useState } from "react";
import type { PlayOffer } from "../../src/dashboard/play/contract.ts";
import { useJson } from "./api.ts";
import { PlaySide, type SideChoice } from "./play-side.tsx";
import { setParams, type Route } from "./route.ts";
import { usePlayer, type Player } from "./use-player.ts";

const FIRST = { temperature: 1, maxTokens: 192 };

export function PlayPage({ route }: { readonly route: Route }) {
  const { data: offer, error } = useJson<PlayOffer>("/api/play");
  if (error !== undefined) return <p className="problem">{error}</p>;
  if (offer === undefined) return <p className="empty">Looking for models …</p>;
  return <Play offer={offer} route={route} />;
}

function Play({ offer, route }: { readonly offer: PlayOffer; readonly route: Route }) {
  const left = usePlayer();
  const right = usePlayer();
  const [text, setText] = useState("");
  const [system, setSystem] = useState("");
  const [seed, setSeed] = useState(1);
  const [temperature, setTemperature] = useState(FIRST.temperature);
  const choices = [choiceIn(route, "", offer), choiceIn(route, "2", offer)] as const;
  const isPair = choices[1].model !== "";
  const players = isPair ? [left, right] : [left];
  const isBusy = players.some(({ state }) => state !== undefined);

  const send = (): void => {
    const question = text.trim();
    if (question === "" || isBusy) return;
    setText("");
    setSeed(seed + 1);
    const answers = players.map(async (player: Player, i) => {
      const { model, direction, mode, strength, layers } = choices[i] ?? choices[0];
      const steer = direction === "" || strength === 0 ? undefined : { direction, mode, strength, layers };
      const how = steer === undefined ? "" : `${mode} ${strength}`;
      const request = { model, seed, temperature, maxTokens: FIRST.maxTokens, ...(steer && { steer }) };
      return player.ask(question, how, request, system.trim());
    });
    // What nobody could answer stays in the box, to be put otherwise.
    void Promise.all(answers).then((answered) => {
      if (answered.some(Boolean)) return;
      setText((typed) => (typed === "" ? question : typed));
      setSeed(seed);
    });
  };

  return (
    <section aria-labelledby="play-heading" className="play">
      <h1 id="play-heading">Play</h1>
      <div className={isPair ? "sides pair" : "sides"}>
        {players.map((player, i) => (
          <PlaySide
            key={i === 0 ? "left" : "right"}
            name={isPair ? (i === 0 ? "Left" : "Right") : "Model"}
            offer={offer}
            choice={choices[i] ?? choices[0]}
            player={player}
            onChoice={(change) => setParams(route, suffixed(change, i === 0 ? "" : "2"))}
          />
        ))}
      </div>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <label className="row">
          Message
          <textarea
            rows={2}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              send();
            }}
          />
        </label>
        <label className="row">
          System prompt <input value={system} onChange={(event) => setSystem(event.target.value)} />
        </label>
        <label>
          Temperature{" "}
          <input
            type="number"
            min={0}
            max={10}
            step={0.1}
            value={temperature}
            onChange={(event) => setTemperature(Math.max(0, Number(event.target.value)))}
          />
        </label>
        <label>
          Seed{" "}
          <input
            type="number"
            min={0}
            max={2 ** 31}
            value={seed}
            onChange={(event) => setSeed(Math.max(0, Math.floor(Number(event.target.value))))}
          />
        </label>
        <button type="submit" disabled={isBusy || text.trim() === ""}>
          Send
        </button>
        <button type="button" disabled={!isBusy} onClick={() => players.forEach((player) => player.stop())}>
          Stop
        </button>
        <button type="button" onClick={() => players.forEach((player) => player.clear())}>
          New conversation
        </button>
        <button
          type="button"
          aria-pressed={isPair}
          onClick={() => setParams(route, { model2: isPair ? undefined : (offer.models[0]?.id ?? "") })}
        >
          Two side by side
        </button>
      </form>
    </section>
  );
}

/** What is chosen stands in the address, so that a link leads back to it. */
function choiceIn({ params }: Route, suffix: string, offer: PlayOffer): SideChoice {
  const usual = suffix === "" ? (offer.models[0]?.id ?? "") : "";
  const strength = Number(params.get(`strength${suffix}`) ?? 1);
  return {
    model: params.get(`model${suffix}`) ?? usual,
    direction: params.get(`direction${suffix}`) ?? "",
    mode: params.get(`mode${suffix}`) ?? "add",
    strength: Number.isFinite(strength) ? strength : 1,
    layers: params.get(`layers${suffix}`) === "all" ? "all" : "own",
  };
}

const suffixed = (change: Partial<SideChoice>, suffix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(change).map(([name, value]) => [`${name}${suffix}`, String(value)]));
