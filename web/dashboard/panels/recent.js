// @ts-check
/**
 * What was remembered and what is new, as one list. Pure.
 * @typedef {{tick: number, action?: string | number, reward?: number}} Act
 * @typedef {{epoch: string, offset: number, data: any}} Happened
 */

const ACTS = 12;
export const MOST_HAPPENED = 60;

/**
 * Both lists as one by rising tick, each tick once, the last few.
 * @param {Act[]} one
 * @param {Act[]} other
 */
export function merged(one, other) {
  const all = new Map([...one, ...other].map((act) => [act.tick, act]));
  return [...all.values()].sort((a, b) => a.tick - b.tick).slice(-ACTS);
}

/**
 * Both lists as one, each event once, the newest first; of an older epoch nothing. Pure.
 * @param {Happened[]} one
 * @param {Happened[]} other
 */
export function newestFirst(one, other) {
  const epoch = (one[one.length - 1] ?? other[0])?.epoch;
  const all = new Map([...other, ...one].filter((event) => event.epoch === epoch).map((event) => [event.offset, event]));
  return [...all.values()].sort((a, b) => b.offset - a.offset).slice(0, MOST_HAPPENED);
}
