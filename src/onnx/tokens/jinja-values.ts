/** Values of a chat template, printed and compared as Python does. */
import * as python from "./python-strings.js";

/** A value of a template as the library holds it: a type's name, and what JavaScript has for it. */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

/** `str(value)`; what is undefined prints nothing. */
export function str(value: Value): string {
  if (value.type === "StringValue") return value.value as string;
  return value.type === "UndefinedValue" ? "" : repr(value, 0);
}

function repr({ type, value }: Value, depth: number): string {
  if (depth > 100) throw new Error("a value is nested too deep");
  const inner = (part: Value): string => repr(part, depth + 1);
  switch (type) {
    case "StringValue":
      return python.quoted(value as string);
    case "NullValue":
      return "None";
    case "UndefinedValue":
      return "Undefined";
    case "BooleanValue":
      return value === true ? "True" : "False";
    case "IntegerValue":
      return String(value);
    case "FloatValue":
      return python.floatText(value as number);
    case "ArrayValue":
      return `[${(value as Value[]).map(inner).join(", ")}]`;
    case "TupleValue": {
      const parts = (value as Value[]).map(inner);
      return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;
    }
    case "ObjectValue":
      return `{${[...(value as Map<string, Value>)].map(([key, part]) => `${python.quoted(key)}: ${inner(part)}`).join(", ")}}`;
    default:
      throw new Error(`a ${type} cannot be printed`);
  }
}

/** `==`. */
export function equal(a: Value, b: Value, depth = 0): boolean {
  if (depth > 100) throw new Error("a value is nested too deep");
  const number = ({ type, value }: Value): number | undefined =>
    ["IntegerValue", "FloatValue", "BooleanValue"].includes(type) ? Number(value) : undefined;
  const [x, y] = [number(a), number(b)];
  if (x !== undefined || y !== undefined) return x === y;
  if (a.type !== b.type) return false;
  if (Array.isArray(a.value) && Array.isArray(b.value)) {
    const others = b.value as Value[];
    return (
      a.value.length === others.length &&
      (a.value as Value[]).every((one, i) => equal(one, others[i] as Value, depth + 1))
    );
  }
  if (a.value instanceof Map && b.value instanceof Map) {
    const other = b.value as Map<string, Value>;
    return (
      a.value.size === other.size &&
      [...(a.value as Map<string, Value>)].every(([key, one]) => {
        const match = other.get(key);
        return match !== undefined && equal(one, match, depth + 1);
      })
    );
  }
  return a.value === b.value;
}
