/** `datetime.strftime` of Python on Linux, in the C locale, for a local time without a time zone. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAY = 86_400_000;

/** How a number is filled up: `%-d` not at all, `%_d` with spaces, `%0d` with zeros. */
interface Field {
  readonly value: number;
  readonly width: number;
  readonly fill?: " " | "0";
}

export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%([-_0^#]*)(\d*)(.)/gsu, (directive, flags: string, width: string, code: string) => {
    const found = codes[code]?.(date);
    if (found === undefined) return directive;
    if (typeof found === "string") return inCase(found, flags, code).padStart(Number(width), " ");
    const usual = found.fill ?? "0";
    const fill = flags.includes("-") ? "" : flags.includes("_") ? " " : flags.includes("0") ? "0" : usual;
    if (fill === "") return String(found.value);
    return String(found.value).padStart(width === "" ? found.width : Number(width), fill);
  });
}

function inCase(text: string, flags: string, code: string): string {
  if (flags.includes("^")) return text.toUpperCase();
  if (!flags.includes("#")) return text;
  return code === "p" || code === "Z" ? text.toLowerCase() : text.toUpperCase();
}

const two = (value: number): Field => ({ value, width: 2 });
const spaced = (value: number): Field => ({ value, width: 2, fill: " " });
const hour12 = (date: Date): number => date.getHours() % 12 || 12;
const isoDay = (date: Date): number => date.getDay() || 7;

/** From 0, counted in the calendar, so that a change of the clock does not matter. */
const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / DAY,
  );

/** The week of ISO 8601 and the year that it belongs to: that of its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 4 - isoDay(date));
  return { year: thursday.getFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

const codes: Readonly<Record<string, (date: Date) => string | Field>> = {
  a: (date) => (DAYS[date.getDay()] as string).slice(0, 3),
  A: (date) => DAYS[date.getDay()] as string,
  b: (date) => (MONTHS[date.getMonth()] as string).slice(0, 3),
  B: (date) => MONTHS[date.getMonth()] as string,
  c: (date) => strftime(date, "%a %b %e %H:%M:%S %Y"),
  C: (date) => two(Math.floor(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  D: (date) => strftime(date, "%m/%d/%y"),
  e: (date) => spaced(date.getDate()),
  f: (date) => `${date.getMilliseconds() * 1000}`.padStart(6, "0"),
  F: (date) => strftime(date, "%Y-%m-%d"),
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => ({ value: isoWeek(date).year, width: 4 }),
  h: (date) => strftime(date, "%b"),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => ({ value: dayOfYear(date) + 1, width: 3 }),
  k: (date) => spaced(date.getHours()),
  l: (date) => spaced(hour12(date)),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => "\n",
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  P: (date) => (date.getHours() < 12 ? "am" : "pm"),
  r: (date) => strftime(date, "%I:%M:%S %p"),
  R: (date) => strftime(date, "%H:%M"),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getSeconds()),
  t: () => "\t",
  T: (date) => strftime(date, "%H:%M:%S"),
  u: (date) => String(isoDay(date)),
  U: (date) => two(Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7)),
  V: (date) => two(isoWeek(date).week),
  w: (date) => String(date.getDay()),
  W: (date) => two(Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7)),
  x: (date) => strftime(date, "%m/%d/%y"),
  X: (date) => strftime(date, "%H:%M:%S"),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => ({ value: date.getFullYear(), width: 4 }),
  z: () => "",
  Z: () => "",
  "%": () => "%",
};
