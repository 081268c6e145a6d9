// @ts-check
/** Which agent is meant by a place on the screen. Pure. */

/**
 * The agent drawn nearest to a place in the world, or -1 where none is within reach.
 * @param {Float32Array} from where agents glide from
 * @param {Float32Array} to where they glide to
 * @param {number} progress 0 to 1
 * @param {number} x
 * @param {number} y
 * @param {number} reach in world units
 */
export function nearest(from, to, progress, x, y, reach) {
  let found = -1;
  let least = reach * reach;
  for (let at = 0; at < to.length; at += 2) {
    const dx = from[at] + (to[at] - from[at]) * progress - x;
    const dy = from[at + 1] + (to[at + 1] - from[at + 1]) * progress - y;
    const distance = dx * dx + dy * dy;
    if (distance <= least) {
      least = distance;
      found = at / 2;
    }
  }
  return found;
}
