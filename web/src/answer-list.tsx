/** The answers that fit, however many: only those in sight are in the page. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { AnswerLine } from "../../src/dashboard/contract.ts";
import { Marked } from "./marked.tsx";
import type { Answers } from "./use-answers.ts";
import { scoresText } from "./words.ts";

/** Pixels of a line: two lines of text and one of facts. */
const HEIGHT = 104;

export interface AnswerListProps {
  readonly answers: Answers;
  readonly open: (index: number) => void;
  readonly selected: string | undefined;
  readonly source: string | undefined;
  readonly words: string;
}

export function AnswerList({ answers, open, selected, source, words }: AnswerListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const matches = answers.page?.matches ?? 0;
  const rows = useVirtualizer({
    count: matches,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const [from, to] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  useEffect(() => answers.need(from, to));
  return (
    <div id="answers" ref={scroller} className="list" tabIndex={0} role="group" aria-label="Answers that fit">
      {answers.page !== undefined && matches === 0 && answers.page.read === 1 && answers.page.searched === 1 && (
        <p className="empty">No answer fits.</p>
      )}
      <ol style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const line = answers.line(index);
          const isOpen = line !== undefined && line.id === selected && line.source === source;
          return (
            <li
              key={index}
              style={{ transform: `translateY(${start}px)`, height: HEIGHT }}
              aria-setsize={matches}
              aria-posinset={index + 1}
            >
              {line === undefined ? (
                <span className="waiting">…</span>
              ) : (
                <button type="button" aria-current={isOpen} onClick={() => open(index)}>
                  <Line line={line} words={words} />
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

export const MARKS = { star: "★ important", wrong: "✗ judged wrongly", check: "✓ checked" } as const;

function Line({ line, words }: { readonly line: AnswerLine; readonly words: string }) {
  const { model, seed, question, prompt, answer, misaligned, outcome, mark, note } = line;
  return (
    <>
      <span className="facts">
        <b className={misaligned ? "score bad" : "score"}>
          {misaligned && "▲ misaligned: "}
          {scoresText(line)}
        </b>
        <span>
          {model}
          {seed !== undefined && `, seed ${seed}`}
        </span>
        <span className="question">{question}</span>
        {mark !== undefined && <span title={MARKS[mark]}>{MARKS[mark].slice(0, 1)}</span>}
        {note !== undefined && <span title={note}>note</span>}
      </span>
      <span className="asked">
        <Marked text={prompt} words={words} />
      </span>
      <span className="said">
        {outcome === undefined ? <Marked text={answer} words={words} /> : `no answer: ${outcome}`}
      </span>
    </>
  );
}
