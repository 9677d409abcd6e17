/** How many columns of a terminal a text takes: `日` takes two, a combining accent and a colour code none. */
import stringWidth from "string-width";

const PLAIN = /^[\u0020-\u007e]*$/;

export const textWidth = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

const gap = (text: string, width: number): string => " ".repeat(Math.max(0, width - textWidth(text)));

/** As `String.padEnd`, in columns of a terminal. */
export const padEnd = (text: string, width: number): string => text + gap(text, width);

/** As `String.padStart`, in columns of a terminal. */
export const padStart = (text: string, width: number): string => gap(text, width) + text;
