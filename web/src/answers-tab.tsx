/** A run's answers: looked through by words, model, question, score and verdict; and any of them in full. */
import { useEffect, useMemo, useState } from "react";
import type { RunCard } from "../../src/dashboard/contract.ts";
import { AnswerFilters } from "./answer-filters.tsx";
import { AnswerList } from "./answer-list.tsx";
import { Conversation } from "./conversation.tsx";
import { setParams, type Route } from "./route.ts";
import { useAnswers } from "./use-answers.ts";

/** Parameters of the address that are part of the query. */
export const QUERY = [
  "text",
  "model",
  "set",
  "question",
  "from",
  "to",
  "misaligned",
  "disagree",
  "noted",
  "sort",
  "descending",
];

export interface AnswersTabProps {
  readonly run: string;
  readonly card: RunCard;
  readonly route: Route;
}

export function AnswersTab({ run, card, route }: AnswersTabProps) {
  const query = useMemo(() => {
    const params = new URLSearchParams({ run });
    for (const name of QUERY) {
      const value = route.params.get(name);
      if (value !== null && value !== "") params.set(name, value);
    }
    return params.toString();
  }, [run, route.params]);
  const answers = useAnswers(query, card.state === "running");
  const [source, answer] = [route.params.get("source"), route.params.get("answer")];
  const [at, setAt] = useState<number>();
  useEffect(() => setAt(undefined), [query]);
  const isOpen = source !== null && answer !== null;

  const open = (index: number): void => {
    const line = answers.line(index);
    if (line === undefined) return;
    setAt(index);
    setParams(route, { source: line.source, answer: line.id, row: String(line.row) }, !isOpen);
  };
  const close = (): void => {
    setParams(route, { source: undefined, answer: undefined, row: undefined });
    document.querySelector<HTMLElement>("#answers")?.focus();
  };

  return (
    <div className={isOpen ? "answers open" : "answers"}>
      <div className="found">
        <AnswerFilters route={route} page={answers.page} />
        {answers.error !== undefined && <p className="problem">{answers.error}</p>}
        <AnswerList
          key={query}
          answers={answers}
          open={open}
          selected={answer ?? undefined}
          source={source ?? undefined}
          words={route.params.get("text") ?? ""}
        />
      </div>
      {isOpen && (
        <Conversation
          run={run}
          source={source}
          answer={answer}
          row={route.params.get("row") ?? undefined}
          words={route.params.get("text") ?? ""}
          onClose={close}
          onNoted={answers.refresh}
          onStep={at === undefined ? undefined : (step) => open(at + step)}
        />
      )}
    </div>
  );
}
