// @ts-check
/** How often the record may be asked: many times at once, then as fast as the server's limit on
 * messages lets a viewer do for long. Pure: the time is handed in (milliseconds). */

const MOST = 30;
const EACH = 1_500; // milliseconds until there is one more
const APART = 150;

export class Allowance {
  constructor() {
    this.left = MOST;
    this.at = 0;
    this.notBefore = 0;
  }

  /** Milliseconds until one may ask. @param {number} now */
  wait(now) {
    this.#gain(now);
    const short = this.left >= 1 ? 0 : (1 - this.left) * EACH;
    return Math.max(short, this.notBefore - now, 0);
  }

  /** One asks. @param {number} now */
  take(now) {
    this.#gain(now);
    this.left -= 1;
    this.notBefore = Math.max(this.notBefore, now + APART);
  }

  /** The server wants silence for so long. @param {number} now @param {number} milliseconds */
  rest(now, milliseconds) {
    this.notBefore = now + milliseconds;
  }

  /** @param {number} now */
  #gain(now) {
    this.left = Math.min(MOST, this.left + Math.max(0, now - this.at) / EACH);
    this.at = now;
  }
}
