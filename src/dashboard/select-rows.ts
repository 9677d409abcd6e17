/**
 * Which answers fit a query, in the order that was asked for. Ten million rows are looked through for each request, so
 * the loops work on whole blocks of columns, and collect only the rows of the page.
 */
import { BLOCK, DIFFERS, MISALIGNED, NONE, SCALE, type Block } from "./answer-columns.js";
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

/** Rows of one block that fit: their places within the block, in order. */
interface Found {
  readonly file: AnswerFile;
  readonly block: Block;
  /** The block's first row. */
  readonly first: number;
  /** Overwritten for the next block. */
  readonly rows: Uint16Array;
  readonly count: number;
}

/** @param noted rows that were marked or noted, for queries that ask for them */
export function selectRows(
  files: readonly AnswerFile[],
  query: AnswersQuery,
  search: TextSearch | undefined,
  noted: ReadonlyMap<AnswerFile, ReadonlySet<number>>,
): Selected {
  const { sort = "order", descending = false, offset = 0, limit = 100 } = query;
  const found = (): Iterable<Found> => fittingRows(files, query, search, noted);
  if (sort !== "order") return inScoreOrder(found, sort, { descending, offset, limit });
  let matches = 0;
  for (const { count } of found()) matches += count;
  // The page as it lies among the rows in the files' order.
  const size = Math.max(0, Math.min(limit, matches - offset));
  const from = descending ? matches - offset - size : offset;
  const places: Place[] = [];
  let passed = 0;
  for (const { file, first, rows, count } of found()) {
    const until = Math.min(count, from + size - passed);
    for (let i = Math.max(0, from - passed); i < until; i++) places.push({ file, row: first + (rows[i] ?? 0) });
    passed += count;
    if (passed >= from + size) break;
  }
  return { places: descending ? places.toReversed() : places, matches };
}

interface Page {
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Scores are whole numbers of hundredths, so rows are put in order by counting; those without a score come last. */
function inScoreOrder(
  found: () => Iterable<Found>,
  sort: "aligned" | "coherent" | "spread",
  { descending, offset, limit }: Page,
): Selected {
  const best = 100 * SCALE;
  const counts = new Uint32Array(best + 2);
  const rank = (kept: number): number => (kept === NONE ? best + 1 : descending ? best - kept : kept);
  let matches = 0;
  for (const { block, rows, count } of found()) {
    const scores = block[sort];
    matches += count;
    for (let i = 0; i < count; i++) {
      const at = rank(scores[rows[i] ?? 0] ?? NONE);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const end = Math.min(matches, offset + limit);
  const places: (Place | undefined)[] = Array.from({ length: Math.max(0, end - offset) });
  let [sum, lowest, highest] = [0, best + 2, -1];
  for (const [at, count] of counts.entries()) {
    counts[at] = sum; // from now on, the place of the next row of that score
    if (sum < end && sum + count > offset) [lowest, highest] = [Math.min(lowest, at), at];
    sum += count;
  }
  for (const { file, block, first, rows, count } of highest < 0 ? [] : found()) {
    const scores = block[sort];
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      const key = rank(scores[row] ?? NONE);
      if (key < lowest || key > highest) continue;
      const at = (counts[key] ?? 0) - offset;
      counts[key] = (counts[key] ?? 0) + 1;
      if (at >= 0 && at < places.length) places[at] = { file, row: first + row };
    }
  }
  return { places: places.filter((place) => place !== undefined), matches };
}

function* fittingRows(
  files: readonly AnswerFile[],
  query: AnswersQuery,
  search: TextSearch | undefined,
  noted: ReadonlyMap<AnswerFile, ReadonlySet<number>>,
): Generator<Found> {
  const rows = new Uint16Array(BLOCK);
  for (const file of files) {
    const { columns, kinds } = file;
    const filter = filterOf(kinds, query);
    const marked = query.noted === true ? (noted.get(file) ?? new Set<number>()) : undefined;
    for (const [i, block] of columns.blocks.entries()) {
      const first = i * BLOCK;
      let count = fitting(block, Math.min(BLOCK, columns.count - first), filter, rows);
      if (search !== undefined) count = keep(rows, count, (row) => search.holds(file, first + row));
      if (marked !== undefined) count = keep(rows, count, (row) => marked.has(first + row));
      yield { file, block, first, rows, count };
    }
  }
}

interface Filter {
  /** Flags that a row must have. */
  readonly flags: number;
  /** Alignment scores as they are kept, both ends included; up to NONE where rows without a score fit, too. */
  readonly low: number;
  readonly high: number;
  /** 1 for kinds that fit; undefined where all do. */
  readonly kinds: Uint8Array | undefined;
}

function filterOf(kinds: readonly RowKind[], query: AnswersQuery): Filter {
  const { from, to, misaligned, disagree } = query;
  const wanted = Uint8Array.from(kinds, (kind) => (isWanted(kind, query) ? 1 : 0));
  return {
    flags: (misaligned === true ? MISALIGNED : 0) | (disagree === true ? DIFFERS : 0),
    low: Math.round((from ?? 0) * SCALE),
    high: from === undefined && to === undefined ? NONE : Math.round((to ?? 100) * SCALE),
    kinds: wanted.includes(0) ? wanted : undefined,
  };
}

/** Puts the rows that fit into `found`, and returns how many they are. */
function fitting(block: Block, size: number, { flags, low, high, kinds }: Filter, found: Uint16Array): number {
  const { flags: flagged, aligned, kinds: kindOf } = block;
  let count = 0;
  for (let row = 0; row < size; row++) {
    // Written in any case and counted where it fits: nothing to guess for the processor.
    found[count] = row;
    const score = aligned[row] ?? NONE;
    const fits = ((flagged[row] ?? 0) & flags) === flags && score >= low && score <= high;
    count += fits && (kinds === undefined || kinds[kindOf[row] ?? 0] === 1) ? 1 : 0;
  }
  return count;
}

/** Keeps of the first `count` rows those that fit, and returns how many they are. */
function keep(rows: Uint16Array, count: number, fits: (row: number) => boolean): number {
  let left = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] ?? 0;
    if (fits(row)) rows[left++] = row;
  }
  return left;
}

const isWanted = (kind: RowKind, { model, set, question }: AnswersQuery): boolean =>
  (model === undefined || kind.model === model) &&
  (set === undefined || kind.set === set) &&
  (question === undefined || kind.question === question);
