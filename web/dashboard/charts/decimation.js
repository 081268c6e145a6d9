// @ts-check
/** Fewer points that look the same: per column of pixels the least and the most. Pure. */

/**
 * Decimates all series of a chart together, as they share their x values.
 *
 * Of each bucket the places of every series' least and greatest value are kept, and of a gap one
 * missing value, so that a gap stays a gap.
 * @param {number[]} xs rising
 * @param {(number | null)[][]} series
 * @param {number} buckets about the width in pixels
 * @returns {{xs: number[], series: (number | null)[][]}}
 */
export function decimated(xs, series, buckets) {
  const per = 2 * Math.max(1, series.length);
  if (xs.length <= buckets * per || buckets < 1) return { xs, series };
  const kept = [0];
  const size = (xs.length - 2) / buckets;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const begin = 1 + Math.floor(bucket * size);
    const end = Math.min(xs.length - 1, 1 + Math.floor((bucket + 1) * size));
    kept.push(...extremes(series, begin, end));
  }
  kept.push(xs.length - 1);
  return {
    xs: kept.map((place) => xs[place]),
    series: series.map((values) => kept.map((place) => values[place])),
  };
}

/**
 * @param {(number | null)[][]} series
 * @param {number} begin
 * @param {number} end
 * @returns {number[]} places, rising, each once
 */
function extremes(series, begin, end) {
  /** @type {Set<number>} */
  const places = new Set();
  for (const values of series) {
    let [least, most, gap] = [-1, -1, -1];
    for (let place = begin; place < end; place += 1) {
      const value = values[place];
      if (value === null) gap = place;
      else {
        if (least < 0 || value < /** @type {number} */ (values[least])) least = place;
        if (most < 0 || value > /** @type {number} */ (values[most])) most = place;
      }
    }
    for (const place of [least, most, gap]) if (place >= 0) places.add(place);
  }
  return [...places].sort((one, other) => one - other);
}
