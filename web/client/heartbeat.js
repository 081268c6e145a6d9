// @ts-check
/** Pings at an interval: measures the round trip, and notices a connection that died silently. */

const FIRST = 1_000;

export class Heartbeat {
  #count = 0;
  /** @type {any} */
  #timer = null;
  /** @type {{id: string, at: number} | null} */
  #asked = null;
  #heard = false;

  /**
   * @param {object} options
   * @param {import("./types.js").Clock} options.clock
   * @param {number} options.every milliseconds between pings; also how long silence may last
   * @param {(message: import("./types.js").Message) => void} options.send
   * @param {(milliseconds: number) => void} options.measured
   * @param {() => void} options.silent nothing came since the last ping
   */
  constructor({ clock, every, send, measured, silent }) {
    this.clock = clock;
    this.every = every;
    this.send = send;
    this.measured = measured;
    this.silent = silent;
  }

  /** The first ping waits until the rush of the beginning is over, so that its round trip is a fair one. */
  start() {
    this.stop();
    this.#heard = true;
    this.#timer = this.clock.after(() => this.#beat(), Math.min(FIRST, this.every));
  }

  stop() {
    this.clock.cancel(this.#timer);
    this.#asked = null;
  }

  /** A message came; true when it was the answer to a ping. @param {import("./types.js").Message} message */
  hear(message) {
    this.#heard = true;
    if (message.type !== "pong" || message.id !== this.#asked?.id || !this.#asked) return false;
    this.measured(this.clock.now() - this.#asked.at);
    this.#asked = null;
    return true;
  }

  #beat() {
    if (!this.#heard) {
      this.silent();
      return;
    }
    this.#heard = false;
    this.#count += 1;
    this.#asked = { id: `p${this.#count}`, at: this.clock.now() };
    this.#timer = this.clock.after(() => this.#beat(), this.every);
    this.send({ type: "ping", id: this.#asked.id });
  }
}
