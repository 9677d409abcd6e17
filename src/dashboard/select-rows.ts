/** Which answers fit a query, in the order that was asked for: counted in one pass, and collected in a second. */
import { DIFFERS, MISALIGNED, NONE, SCALE } from "./answer-columns.js";
import type { AnswerFile, RowKind } from "./answer-file.js";
import type { AnswersQuery } from "./contract.js";
import type { TextSearch } from "./search.js";

export interface Place {
  readonly file: AnswerFile;
  readonly row: number;
}

export interface Selected {
  readonly places: readonly Place[];
  readonly matches: number;
}

/** @param isNoted whether a row was marked or noted, for queries that ask for it */
export function selectRows(
  files: readonly AnswerFile[],
  query: AnswersQuery,
  search: TextSearch | undefined,
  isNoted: ReadonlyMap<AnswerFile, ReadonlySet<number>>,
): Selected {
  const { sort = "order", descending = false, offset = 0, limit = 100 } = query;
  const fits = files.map((file) => fitter(file, query, search, isNoted.get(file)));
  if (sort === "order") return inOrder(files, fits, { descending, offset, limit });
  // Scores are whole numbers of hundredths, so rows are put in order by counting; without one they come last.
  const counts = new Uint32Array(100 * SCALE + 2);
  const rank = (kept: number): number => (kept === NONE ? counts.length - 1 : descending ? 100 * SCALE - kept : kept);
  let matches = 0;
  for (const [i, file] of files.entries()) {
    const score = file.columns[sort];
    for (let row = 0; row < file.columns.count; row++) {
      if (fits[i]?.(row) !== true) continue;
      matches++;
      const at = rank(score(row));
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const places: (Place | undefined)[] = Array.from({ length: Math.max(0, Math.min(limit, matches - offset)) });
  let sum = 0;
  for (const [at, count] of counts.entries()) {
    counts[at] = sum; // from now on, the place of the next row of that score
    sum += count;
  }
  for (const [i, file] of files.entries()) {
    const score = file.columns[sort];
    for (let row = 0; row < file.columns.count; row++) {
      if (fits[i]?.(row) !== true) continue;
      const key = rank(score(row));
      const at = (counts[key] ?? 0) - offset;
      counts[key] = (counts[key] ?? 0) + 1;
      if (at >= 0 && at < places.length) places[at] = { file, row };
    }
  }
  return { places: places.filter((place) => place !== undefined), matches };
}

function inOrder(
  files: readonly AnswerFile[],
  fits: readonly ((row: number) => boolean)[],
  { descending, offset, limit }: { readonly descending: boolean; readonly offset: number; readonly limit: number },
): Selected {
  const places: Place[] = [];
  let matches = 0;
  const order = [...files.entries()];
  for (const [i, file] of descending ? order.toReversed() : order) {
    const { count } = file.columns;
    for (let n = 0; n < count; n++) {
      const row = descending ? count - 1 - n : n;
      if (fits[i]?.(row) !== true) continue;
      if (matches >= offset && places.length < limit) places.push({ file, row });
      matches++;
    }
  }
  return { places, matches };
}

function fitter(
  file: AnswerFile,
  query: AnswersQuery,
  search: TextSearch | undefined,
  noted: ReadonlySet<number> | undefined,
): (row: number) => boolean {
  const { columns, kinds } = file;
  const { from, to, misaligned, disagree } = query;
  const wanted = kinds.map((kind) => isWanted(kind, query));
  const all = wanted.every(Boolean);
  const flags = (misaligned === true ? MISALIGNED : 0) | (disagree === true ? DIFFERS : 0);
  const [low, high] = [Math.round((from ?? 0) * SCALE), Math.round((to ?? 100) * SCALE)];
  const scored = from !== undefined || to !== undefined;
  return (row) => {
    if (!all && wanted[columns.kind(row)] !== true) return false;
    if (flags !== 0 && (columns.flags(row) & flags) !== flags) return false;
    if (scored) {
      const score = columns.aligned(row);
      if (score === NONE || score < low || score > high) return false;
    }
    if (query.noted === true && noted?.has(row) !== true) return false;
    return search === undefined || search.holds(file, row);
  };
}

const isWanted = (kind: RowKind, { model, set, question }: AnswersQuery): boolean =>
  (model === undefined || kind.model === model) &&
  (set === undefined || kind.set === set) &&
  (question === undefined || kind.question === question);
