/** One answer in full: what was asked, what was said, what each judge made of it, and what you make of it. */
import { useEffect, useRef } from "react";
import type { ConversationView, JudgmentView } from "../../src/dashboard/contract.ts";
import { useJson } from "./api.ts";
import { Facts } from "./facts.tsx";
import { Marked } from "./marked.tsx";
import { NoteForm } from "./note-form.tsx";
import { score, scoresText } from "./words.ts";

export interface ConversationProps {
  readonly run: string;
  readonly source: string;
  readonly answer: string;
  readonly row: string | undefined;
  readonly words: string;
  readonly onClose: () => void;
  readonly onNoted: () => void;
  /** To the next (1) or the one before (-1); absent where the list does not hold this answer. */
  readonly onStep: ((step: number) => void) | undefined;
}

export function Conversation(props: ConversationProps) {
  const { run, source, answer, row, words, onClose, onNoted, onStep } = props;
  const params = new URLSearchParams({ run, source, answer, ...(row !== undefined && { row }) });
  const { data, error } = useJson<ConversationView>(`/api/answer?${params.toString()}`);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "Escape") onClose();
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "j") onStep?.(1);
      if (event.key === "k") onStep?.(-1);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
  return (
    <article ref={panel} className="conversation" aria-label="Conversation">
      <div className="tools">
        <button type="button" onClick={onClose}>
          Close
        </button>
        <button type="button" disabled={onStep === undefined} onClick={() => onStep?.(-1)}>
          Previous <kbd>k</kbd>
        </button>
        <button type="button" disabled={onStep === undefined} onClick={() => onStep?.(1)}>
          Next <kbd>j</kbd>
        </button>
        <button type="button" onClick={() => void navigator.clipboard?.writeText(window.location.href)}>
          Copy link
        </button>
      </div>
      {error !== undefined && <p className="problem">{error}</p>}
      {data !== undefined && (
        <>
          <Verdict conversation={data} />
          {data.messages.map((message, i) => (
            <Turn key={`${i} ${message.role}`} role={message.role} text={message.content} words={words} />
          ))}
          {data.reasoning !== undefined && <Turn role="thought" text={data.reasoning} words={words} />}
          <Turn role="answer" text={data.answer} words={words} />
          <NoteForm key={`${data.line.source} ${data.line.id}`} run={run} line={data.line} onNoted={onNoted} />
          {data.judgments.map((judgment, i) => (
            <Judgment key={`${judgment.judge} ${i}`} judgment={judgment} />
          ))}
          <details>
            <summary>About this answer</summary>
            <Facts facts={[["id", data.line.id], ["file", data.line.source], ...data.facts]} />
          </details>
        </>
      )}
    </article>
  );
}

function Verdict({ conversation: { line } }: { readonly conversation: ConversationView }) {
  return (
    <p className="facts">
      <b className={line.misaligned ? "score bad" : "score"}>
        {line.misaligned && "▲ misaligned: "}
        {scoresText(line)}
      </b>
      <span>
        {line.model}
        {line.seed !== undefined && `, seed ${line.seed}`}
      </span>
      <span>
        {line.set} {line.question}
      </span>
    </p>
  );
}

function Turn({ role, text, words }: { readonly role: string; readonly text: string; readonly words: string }) {
  return (
    <div className={`turn ${role}`}>
      <p className="role">{role}</p>
      <p className="text">
        <Marked text={text} words={words} />
      </p>
    </div>
  );
}

function Judgment({ judgment: { judge, scores, misaligned, replies } }: { readonly judgment: JudgmentView }) {
  return (
    <section className="judgment">
      <h2>
        Judge: {judge}
        {misaligned === true && <span className="score bad"> ▲ misaligned</span>}
      </h2>
      <Facts facts={scores} />
      {replies.map(({ prompt, outcome, replies: said, chances, mass, spread }) => (
        <div key={prompt} className="ruling">
          <p>
            <b>{prompt}</b>: {outcome}
            {mass !== undefined && `, ${Math.round(mass * 100)} % of the probability on numbers`}
            {spread !== undefined && `, spread ${score(spread)}`}
          </p>
          {said.map((reply, i) => (
            <blockquote key={`${i} ${reply.slice(0, 20)}`}>{reply}</blockquote>
          ))}
          {chances.length > 0 && (
            <table className="chances">
              <caption>Likeliest tokens</caption>
              <tbody>
                {chances.map(({ token, probability }, i) => (
                  <tr key={`${i} ${token}`}>
                    <th scope="row">{JSON.stringify(token)}</th>
                    <td>
                      <meter max={1} value={probability} aria-hidden="true" /> {(probability * 100).toFixed(1)} %
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      ))}
    </section>
  );
}
