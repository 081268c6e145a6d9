// @ts-check
/** How long to wait before the next attempt: exponential with full jitter. */

export class Backoff {
  /**
   * @param {{first?: number, factor?: number, most?: number, random?: () => number}} [options]
   *   first, most: milliseconds; the wait is anywhere between 0 and first * factor ^ attempts
   */
  constructor({ first = 500, factor = 2, most = 15_000, random = Math.random } = {}) {
    this.first = first;
    this.factor = factor;
    this.most = most;
    this.random = random;
    this.attempts = 0;
  }

  /** The next wait, never under `least`: the jitter then comes on top. @param {number} [least] */
  next(least = 0) {
    const ceiling = Math.min(this.most, this.first * this.factor ** this.attempts);
    this.attempts += 1;
    return least + this.random() * ceiling;
  }

  reset() {
    this.attempts = 0;
  }
}
