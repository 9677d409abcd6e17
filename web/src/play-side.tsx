/** One model of the play: which it is, how it is steered, and the conversation with it. */
import { useEffect, useRef } from "react";
import type { PlayFit, PlayOffer } from "../../src/dashboard/play/contract.ts";
import { useJson } from "./api.ts";
import type { Player, Turn } from "./use-player.ts";
import { scoresText } from "./words.ts";

export interface SideChoice {
  readonly model: string;
  /** Empty: it is not steered. */
  readonly direction: string;
  readonly mode: string;
  readonly strength: number;
  readonly layers: "own" | "all";
}

export interface PlaySideProps {
  readonly name: string;
  readonly offer: PlayOffer;
  readonly choice: SideChoice;
  readonly player: Player;
  readonly onChoice: (change: Partial<SideChoice>) => void;
}

/** Clamping and capping take a share of the way; adding goes further. */
const MOST_STRENGTH: Readonly<Record<string, number>> = { add: 8, subtract: 8 };

export function PlaySide({ name, offer, choice, player, onChoice }: PlaySideProps) {
  const isHere = offer.models.some(({ id }) => id === choice.model);
  const direction = offer.directions.find(({ id }) => id === choice.direction);
  const modes = offer.modes.filter((mode) => direction?.canClamp !== false || !/^(?:clamp|cap)$/.test(mode));
  return (
    <section className="side" aria-label={name}>
      <div className="filters">
        <label>
          {name}{" "}
          <select value={choice.model} onChange={(event) => onChoice({ model: event.target.value })}>
            {!isHere && <option value={choice.model}>{choice.model}</option>}
            {offer.models.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {(offer.directions.length > 0 || choice.direction !== "") && (
          <label>
            Steer along{" "}
            <select value={choice.direction} onChange={(event) => onChoice({ direction: event.target.value })}>
              <option value="">nothing</option>
              {choice.direction !== "" && direction === undefined && (
                <option value={choice.direction}>{choice.direction}</option>
              )}
              {offer.directions.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {!isHere && <p className="problem">The model “{choice.model}” is not there, or not any more. Choose another.</p>}
      {choice.direction !== "" && direction === undefined && (
        <p className="problem">The direction “{choice.direction}” is not there, or not any more. Choose another.</p>
      )}
      {isHere && direction !== undefined && (
        <Fit key={`${choice.model} ${direction.id}`} model={choice.model} direction={direction.id} />
      )}
      {direction !== undefined && (
        <div className="filters">
          <label>
            How{" "}
            <select value={choice.mode} onChange={(event) => onChoice({ mode: event.target.value })}>
              {modes.map((mode) => (
                <option key={mode}>{mode}</option>
              ))}
            </select>
          </label>
          <label className="range">
            Strength{" "}
            <input
              type="range"
              min={0}
              max={MOST_STRENGTH[choice.mode] ?? 1}
              step={0.05}
              value={choice.strength}
              onChange={(event) => onChoice({ strength: Number(event.target.value) })}
            />{" "}
            <output>{choice.strength.toFixed(2)}</output>
          </label>
          <label>
            Layers{" "}
            <select
              value={choice.layers}
              onChange={(event) => onChoice({ layers: event.target.value === "all" ? "all" : "own" })}
            >
              <option value="own">{direction.layer}, its own</option>
              <option value="all">all</option>
            </select>
          </label>
          <p className="small">{direction.about}</p>
        </div>
      )}
      <Talk player={player} />
    </section>
  );
}

/** Says at once what would else be told only after the first question. */
function Fit({ model, direction }: { readonly model: string; readonly direction: string }) {
  const query = new URLSearchParams({ model, direction });
  const path = `/api/play/fit?${query.toString()}`;
  const { data, error } = useJson<PlayFit>(path);
  const problem = error ?? data?.problem;
  return problem === undefined ? null : (
    <p className="problem" role="status">
      {problem}
    </p>
  );
}

function Talk({ player: { turns, state, error } }: { readonly player: Player }) {
  const end = useRef<HTMLDivElement>(null);
  const length = turns.reduce((sum, { content }) => sum + content.length, 0);
  useEffect(() => {
    // In braces: newer browsers give a promise back, which React would take for a clean-up.
    end.current?.scrollIntoView({ block: "nearest" });
  }, [length, error]);
  return (
    <div
      className="talk"
      aria-live="polite"
      aria-busy={state !== undefined}
      tabIndex={0}
      role="log"
      aria-label="Conversation"
    >
      {turns.length === 0 && error === undefined && <p className="empty">Say something to the model.</p>}
      {turns.map((turn, i) => (
        <TurnView key={`${i} ${turn.role}`} turn={turn} />
      ))}
      {state !== undefined && <p className="small">{state} …</p>}
      {error !== undefined && <p className="problem">{error}</p>}
      <div ref={end} />
    </div>
  );
}

function TurnView({ turn: { role, content, answer, how } }: { readonly turn: Turn }) {
  return (
    <div className={`turn ${role === "assistant" ? "answer" : role}`}>
      <p className="role">
        {role === "assistant" ? "model" : "you"}
        {how !== undefined && how !== "" && `, steered: ${how}`}
      </p>
      {answer?.reasoning !== undefined && (
        <details>
          <summary>Thoughts</summary>
          <p className="text">{answer.reasoning}</p>
        </details>
      )}
      <p className="text">{content}</p>
      {answer !== undefined && <AnswerFacts answer={answer} />}
    </div>
  );
}

function AnswerFacts({
  answer: { verdict, tokens, seconds, finish },
}: {
  readonly answer: NonNullable<Turn["answer"]>;
}) {
  return (
    <p className="facts">
      {verdict !== undefined && (
        <b className={verdict.misaligned ? "score bad" : "score"}>
          {verdict.misaligned && "▲ misaligned: "}
          {scoresText(verdict)}
        </b>
      )}
      <span>
        {tokens} tokens in {seconds.toFixed(1)} s
      </span>
      {finish !== "stop" && <span>ended by {finish}</span>}
    </p>
  );
}
