/** The fields of the form for a new run: each says what is wrong with it. */
import { useId, type ReactNode } from "react";
import type { UnfitFile } from "../../src/dashboard/start/contract.ts";
import { counted } from "./words.ts";

export type Options = readonly (readonly [value: string, label: string])[];

interface FieldProps {
  readonly label: string;
  readonly problem?: string | undefined;
  readonly children: (props: {
    readonly id: string;
    readonly "aria-invalid": boolean;
    readonly "aria-describedby": string | undefined;
  }) => ReactNode;
}

export function Field({ label, problem, children }: FieldProps) {
  const id = useId();
  const isWrong = problem !== undefined;
  const said = `${id}-problem`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>{" "}
      {children({ id, "aria-invalid": isWrong, "aria-describedby": isWrong ? said : undefined })}
      {isWrong && (
        <p id={said} className="problem said">
          {problem}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: Options;
  readonly problem?: string | undefined;
  readonly onValue: (value: string) => void;
}

export function Choice({ label, value, options, problem, onValue }: ChoiceProps) {
  return (
    <Field label={label} problem={problem}>
      {(props) => (
        <select
          {...props}
          value={value}
          disabled={options.length === 0}
          onChange={({ target }) => onValue(target.value)}
        >
          {options.length === 0 && <option value="">none yet</option>}
          {options.map(([one, text]) => (
            <option key={one} value={one}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface NumberFieldProps<T extends number | undefined> {
  readonly label: string;
  /** Undefined where nothing was chosen. */
  readonly value: T;
  readonly least: number;
  /** What holds where nothing is chosen; with it the field may be empty. */
  readonly placeholder?: string;
  readonly problem?: string | undefined;
  readonly onValue: (value: T) => void;
}

export function NumberField<T extends number | undefined>(props: NumberFieldProps<T>) {
  const { label, value, least, placeholder, problem, onValue } = props;
  return (
    <Field label={label} problem={problem}>
      {(own) => (
        <input
          {...own}
          type="number"
          min={least}
          value={value ?? ""}
          placeholder={placeholder}
          onChange={({ target }) =>
            onValue(
              (placeholder !== undefined && target.value === ""
                ? undefined
                : Math.max(least, Math.floor(Number(target.value)))) as T,
            )
          }
        />
      )}
    </Field>
  );
}

/** Files that look as if they could be chosen, and why they cannot. */
export function Unfit({ files, isCut }: { readonly files: readonly UnfitFile[]; readonly isCut: boolean }) {
  return (
    <>
      {files.length > 0 && (
        <details className="unfit small">
          <summary>{counted(files.length, "file")} cannot be chosen</summary>
          <ul>
            {files.map(({ file, why }) => (
              <li key={file}>
                <b>{file}</b>: {why}
              </li>
            ))}
          </ul>
        </details>
      )}
      {isCut && <p className="small">There are more files than the page looks through.</p>}
    </>
  );
}
