// @ts-check
/** The steps of the speed control: around the rate that the scenario is made for. Pure. */

const FACTORS = [0.1, 0.2, 0.5, 1, 2, 5, 10];

/** @typedef {{hz: number, factor: number | null}} Speed hz 0 and factor null: as fast as it can */

/**
 * @param {number} natural ticks per second at 1×; 0 where the scenario knows no such rate
 * @returns {Speed[]}
 */
export function speeds(natural) {
  const one = natural > 0 ? natural : 10;
  return [...FACTORS.map((factor) => ({ hz: tidy(one * factor), factor })), { hz: 0, factor: null }];
}

/** The step that is nearest to a rate, by ratio. @param {Speed[]} steps @param {number} hz */
export function nearest(steps, hz) {
  if (hz <= 0) return steps.length - 1;
  let best = 0;
  for (let i = 0; i < steps.length; i += 1) {
    if (steps[i].hz > 0 && distance(steps[i].hz, hz) < distance(steps[best].hz, hz)) best = i;
  }
  return best;
}

/** @param {Speed} speed */
export function told({ hz, factor }) {
  return factor === null ? "Max" : `${factor}× · ${hz}/s`;
}

/** @param {number} one @param {number} other */
function distance(one, other) {
  return Math.abs(Math.log(one / other));
}

/** @param {number} value */
function tidy(value) {
  return Number(value.toPrecision(3));
}
