/** A field that waits for a pause in the typing. */
import { useEffect, useId, useState } from "react";

/** Milliseconds after the last letter. */
const PAUSE = 200;

export interface TypedFieldProps {
  readonly label: string;
  readonly type: "search" | "number";
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function TypedField({ label, type, value, onValue }: TypedFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onValue(typed), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <span className="typed">
      <label htmlFor={id}>{label}</label>{" "}
      <input
        id={id}
        type={type}
        value={typed}
        {...(type === "number" && { min: 0, max: 100, inputMode: "decimal" as const })}
        onChange={({ target }) => setTyped(target.value)}
      />
    </span>
  );
}
