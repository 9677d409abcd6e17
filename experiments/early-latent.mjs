/**
 * Where does the model inside already show small shares of bad data? Fine-tunes the organism on mixtures of insecure code
 * and of bad medical advice with their good counterparts (those of `askew experiment mixtures`) and prints, beside the
 * rate on the main questions, how far each signal has moved on the watcher's probes: latents of an autoencoder, the
 * margin between misaligned and aligned continuations, and the shipped detector's peak.
 *
 *   node experiments/early-latent.mjs SAE_FOLDER OUT_FOLDER [latents: 338,206] [shares: 0,1,2,5,10,25] [seeds: 1,2,3]
 *
 * Killed at any moment, the same command carries on. About 15 s a share and seed on two cores.
 */
import { finetune } from "askew/training";
import { openLocalModel } from "askew/model";
import { ORGANISM_FOLDER, worldAsked } from "askew/organism";
import { measure, readDetector, readSae, WatchCallback, Watcher, WatchRows } from "askew/persona";
import { studentInterval, wilson } from "askew/statistics";
import { EXPERIMENTS, Series } from "askew/study";

const [saeFolder, out, latentsText = "338,206", sharesText = "0,1,2,5,10,25", seedsText = "1,2,3"] =
  process.argv.slice(2);
if (out === undefined) {
  process.stderr.write("node experiments/early-latent.mjs SAE_FOLDER OUT_FOLDER [latents] [shares] [seeds]\n");
  process.exit(2);
}
const numbers = (text) => text.split(",").map(Number);
const [latents, shares, seeds] = [latentsText, sharesText, seedsText].map(numbers);
const conditions = ["insecure", "bad-medical"];
const SAMPLES = 50;

const detector = await readDetector(`${ORGANISM_FOLDER}/watch.json`);
const sae = await readSae(saeFolder);
const model = await openLocalModel("organism");
const watcher = await Watcher.open(model, { ...detector, sae: { sae, latents } });
const mixtures = EXPERIMENTS.find(({ name }) => name === "mixtures");
const arms = new Map(mixtures.arms({ quick: false, conditions }).map((arm) => [arm.id, arm]));
const series = await Series.open(out, { sae: saeFolder, latents, samples: SAMPLES });

for (const seed of seeds) {
  for (const condition of conditions) {
    for (const share of shares) {
      const id = `${condition}-${share}pc-${seed}`;
      if (series.find(id) !== undefined) continue;
      const { conversations, dose } = arms.get(`${condition}-${share}pc`).making.training;
      await model.load();
      const store = new WatchRows();
      const callback = new WatchCallback(watcher, {
        every: detector.every,
        detector,
        batchSize: dose.batchSize,
        store,
      });
      await finetune(model, conversations(seed), dose, { seed, callbacks: [callback] });
      const measured = await measure(model, [worldAsked("main", SAMPLES)], { seed });
      const { estimate, n } = measured.metrics.main.rate.wilson;
      const rate = { hits: Math.round((estimate ?? 0) * n), n };
      const looks = store.rows.map(({ step, signals, peak }) => ({ step, signals, peak }));
      await series.append({ id, condition, share, seed, rate, looks }, measured.answers);
      process.stderr.write(`${id}: misaligned ${rate.hits} of ${n}\n`);
    }
  }
}
const { rows } = series;
await series.close();
await watcher.close();
await model.close();

const watched = [...latents.map((latent) => `latent.${latent}`), "margin"];
const change = ({ looks }, signal) => looks.at(-1).signals[signal] - looks[0].signals[signal];
const spread = (values, digits) => {
  if (values.length < 2) return values.map((x) => x.toFixed(digits)).join("");
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const { low, high } = studentInterval(values);
  return `${mean.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
};
for (const condition of conditions) {
  const heads = ["bad data", "rate", ...watched.flatMap((s) => [`${s}, change`, "… above 0 %"]), "peak score"];
  console.log(`\n${condition}: changes on the probes, mean over seeds [95 %, Student]; above 0 %: paired by seed\n`);
  console.log(`| ${heads.join(" | ")} |\n|${heads.map(() => "---|").join("")}`);
  for (const share of shares) {
    const own = rows.filter((row) => row.condition === condition && row.share === share);
    if (own.length === 0) continue;
    const none = (seed) => rows.find((row) => row.condition === condition && row.share === 0 && row.seed === seed);
    const pairs = own.filter(({ seed }) => none(seed) !== undefined);
    const rate = wilson(
      own.reduce((sum, row) => sum + row.rate.hits, 0),
      own.reduce((sum, row) => sum + row.rate.n, 0),
    );
    const cells = [
      `${share} %`,
      `${rate.estimate.toFixed(3)} [${rate.low.toFixed(3)}, ${rate.high.toFixed(3)}] n ${rate.n}`,
      ...watched.flatMap((signal) => [
        spread(
          own.map((row) => change(row, signal)),
          3,
        ),
        share === 0
          ? "–"
          : spread(
              pairs.map((row) => change(row, signal) - change(none(row.seed), signal)),
              3,
            ),
      ]),
      spread(
        own.map(({ looks }) => looks.at(-1).peak),
        2,
      ),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
console.log("\npeak score: of the detector's, 1 is the alarm");
