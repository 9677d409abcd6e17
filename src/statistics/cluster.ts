/**
 * The cluster bootstrap of a share: whole groups of answers are resampled, so answers that hang together (those to one
 * question, those of one seed) are not taken as independent.
 *
 * Source: A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8, resampling
 * clusters without resampling within them.
 */
import type { BootstrapOptions } from "./bootstrap.js";
import { requireConfidence, requireCount } from "./check.js";
import { noEstimate, type Estimate } from "./estimate.js";
import { Pcg64 } from "./pcg64.js";
import { sortedQuantile } from "./quantile.js";

/**
 * Σ hits / Σ n over clusters, with the percentile bootstrap over clusters: clusters count by their size. Clusters
 * without observations are left out; null without any. As every bootstrap it is too narrow for fewer than about 6
 * clusters, and collapses with one. A resample draws as `default_rng(seed).choice(clusters, k)` does.
 */
export function clusterInterval(
  clusters: readonly { readonly hits: number; readonly n: number }[],
  options: BootstrapOptions = {},
): Estimate {
  const { resamples = 2000, confidence = 0.95, seed = 0 } = options;
  requireConfidence("clusterInterval", confidence);
  for (const { hits, n } of clusters) requireCount("clusterInterval", hits, n);
  const kept = clusters.filter(({ n }) => n > 0);
  if (kept.length === 0) return noEstimate();
  const hits = Float64Array.from(kept, (cluster) => cluster.hits);
  const sizes = Float64Array.from(kept, (cluster) => cluster.n);
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const estimate = hits.reduce((sum, count) => sum + count, 0) / n;
  const generator = new Pcg64(seed);
  const shares = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    // Whole numbers, so the order of adding does not matter.
    let [found, of] = [0, 0];
    for (let j = 0; j < kept.length; j++) {
      const drawn = generator.integer(kept.length);
      found += hits[drawn] as number;
      of += sizes[drawn] as number;
    }
    shares[i] = found / of;
  }
  shares.sort();
  const tail = (1 - confidence) / 2;
  return { estimate, low: sortedQuantile(shares, tail), high: sortedQuantile(shares, 1 - tail), n };
}
