// @ts-check
/** Ticks per second over the last seconds, from the ticks that arrive. Pure. */

const WINDOW = 3_000; // milliseconds

export class Pace {
  /** @type {{tick: number, at: number}[]} */
  #seen = [];

  /**
   * @param {number} tick
   * @param {number} at milliseconds
   * @returns {number | null} ticks per second; null while it cannot be told
   */
  take(tick, at) {
    const last = this.#seen.at(-1);
    if (last && tick < last.tick) this.#seen = [];
    this.#seen.push({ tick, at });
    while (this.#seen.length > 2 && at - this.#seen[0].at > WINDOW) this.#seen.shift();
    const first = this.#seen[0];
    return at - first.at < 400 ? null : ((tick - first.tick) * 1000) / (at - first.at);
  }

  reset() {
    this.#seen = [];
  }
}
