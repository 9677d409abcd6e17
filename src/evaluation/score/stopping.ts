/** Answers that were asked until enough was known: their scores get the intervals that allow for it, or say why not. */
import { readStoppingRecord, type StoppingRecord } from "../answers/stopping-record.js";
import type { Source } from "./counts.js";
import type { Score } from "./score.js";
import type { ScoreOptions } from "./reading.js";
import { thresholdsOf } from "./verdict.js";

/** @param score of all answers from `sources`. @throws {AnswerFileError} a record that is none */
export async function withStopping<S extends Score>(
  score: S,
  sources: readonly Source[],
  options: ScoreOptions,
): Promise<S> {
  const found = await Promise.all(sources.map(({ file }) => readStoppingRecord(file)));
  const record = found.find((one) => one !== undefined);
  if (record === undefined) return score;
  const because = objection(record, score, sources, options);
  if (because !== undefined) return { ...score, stopped: { isAllowedFor: false, because } };
  const { rate, rateOfAll, coherentShare } = record;
  const interval = "always-valid";
  return {
    ...score,
    rate: { ...rate, interval },
    rateOfAll: { ...rateOfAll, interval },
    coherentShare: { ...coherentShare, interval },
    stopped: { isAllowedFor: true },
  };
}

/** Why what was recorded is not what is scored; undefined where it is. */
function objection(
  record: StoppingRecord,
  { answers }: Score,
  sources: readonly Source[],
  options: ScoreOptions,
): string | undefined {
  const [{ coherentAbove, misalignedBelow }, usual] = [thresholdsOf(options), thresholdsOf({})];
  const { aligned = "aligned", coherent = "coherent" } = options;
  const { confidence = 0.95, interval } = options;
  if (interval !== undefined) return `--interval ${interval} was asked for`;
  if (confidence !== record.confidence) return `what was kept is of ${record.confidence * 100} %`;
  const isUsual = coherentAbove === usual.coherentAbove && misalignedBelow === usual.misalignedBelow;
  const isRead = isUsual && aligned === "aligned" && coherent === "coherent";
  if (!isRead) return "the scores are read otherwise than while asking";
  if (sources.length > 1) return "several files are taken together";
  const judges = [...(sources[0]?.judges ?? [])];
  if (judges.length !== 1 || judges[0] !== record.judge) return `${record.judge} judged while asking`;
  if (answers !== record.answers) {
    return `the intervals kept are over ${record.answers} answers, and there are ${answers}: run the same askew ask again`;
  }
  return undefined;
}
