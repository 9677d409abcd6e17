/** A mark and a note of your own about an answer, kept beside the run. */
import { useState } from "react";
import type { AnswerLine, Mark, NoteRecord } from "../../src/dashboard/contract.ts";
import { MARKS } from "./answer-list.tsx";
import { messageOf, send } from "./api.ts";

export interface NoteFormProps {
  readonly run: string;
  readonly line: AnswerLine;
  readonly onNoted: () => void;
}

export function NoteForm({ run, line, onNoted }: NoteFormProps) {
  const [mark, setMark] = useState<Mark | null>(line.mark ?? null);
  const [note, setNote] = useState(line.note ?? "");
  const [kept, setKept] = useState("");
  const keep = async (next: { readonly mark: Mark | null; readonly note: string }): Promise<void> => {
    const record: NoteRecord = { source: line.source, id: line.id, ...next };
    try {
      await send("PUT", `/api/note?run=${encodeURIComponent(run)}`, record);
      setKept("Kept.");
      onNoted();
    } catch (error) {
      setKept(`Not kept: ${messageOf(error)}`);
    }
  };
  return (
    <form
      className="note"
      onSubmit={(event) => {
        event.preventDefault();
        void keep({ mark, note });
      }}
    >
      <div role="group" aria-label="Mark" className="marks">
        {(Object.keys(MARKS) as Mark[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={mark === name}
            onClick={() => {
              const next = mark === name ? null : name;
              setMark(next);
              void keep({ mark: next, note });
            }}
          >
            {MARKS[name]}
          </button>
        ))}
      </div>
      <label>
        Note
        <textarea rows={2} maxLength={10_000} value={note} onChange={({ target }) => setNote(target.value)} />
      </label>
      <div className="tools">
        <button type="submit" disabled={note === (line.note ?? "") && kept === ""}>
          Keep the note
        </button>
        <span role="status">{kept}</span>
      </div>
    </form>
  );
}
