// @ts-check
/**
 * Requests that wait for their answer, or for the connection. No I/O.
 *
 * While offline they wait in a bounded queue. When the connection is lost, queries under way are
 * asked again; commands are rejected, since they may have taken effect.
 */
import { StageError } from "./errors.js";

/**
 * @typedef {object} Pending
 * @property {import("./types.js").Message} message
 * @property {boolean} repeatable
 * @property {boolean} sent
 * @property {any} timer
 * @property {(result: any) => void} resolve
 * @property {(error: StageError) => void} reject
 */

export class Requests {
  /** @type {Map<string, Pending>} */
  #pending = new Map();
  #count = 0;

  /** @param {{clock: import("./types.js").Clock, timeout: number, queue: number}} options */
  constructor({ clock, timeout, queue }) {
    this.clock = clock;
    this.timeout = timeout;
    this.queue = queue;
  }

  /** How many wait for the connection. */
  get waiting() {
    let waiting = 0;
    for (const pending of this.#pending.values()) if (!pending.sent) waiting += 1;
    return waiting;
  }

  /**
   * Notes a request; `flush` sends it.
   * @param {{type: string, [field: string]: any}} body without its id
   * @param {{repeatable: boolean, timeout?: number}} options
   * @returns {Promise<any>}
   */
  add(body, { repeatable, timeout = this.timeout }) {
    if (this.waiting >= this.queue) {
      return Promise.reject(new StageError("QUEUE_FULL",
        `${this.queue} requests wait for the connection already.`, { limit: this.queue }, true));
    }
    this.#count += 1;
    const id = `r${this.#count}`;
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(() => this.#expire(id, timeout), timeout);
      const message = { ...body, id };
      this.#pending.set(id, { message, repeatable, sent: false, timer, resolve, reject });
    });
  }

  /** Sends what waits, in order, as far as `send` takes it. @param {(message: any) => boolean} send */
  flush(send) {
    for (const pending of this.#pending.values()) {
      if (pending.sent) continue;
      if (!send(pending.message)) return;
      pending.sent = true;
    }
  }

  /** Whether the message was the answer to a request. @param {import("./types.js").Message} message */
  settle(message) {
    const pending = message.id === undefined ? undefined : this.#take(message.id);
    if (!pending) return false;
    if (message.type === "error") pending.reject(StageError.told(message));
    else pending.resolve(message.result);
    return true;
  }

  /** The connection is gone: see above. @param {string} reason */
  lost(reason) {
    for (const [id, pending] of [...this.#pending]) {
      if (!pending.sent) continue;
      if (pending.repeatable) pending.sent = false;
      else this.#take(id)?.reject(new StageError("CONNECTION_LOST", reason, {}, true));
    }
  }

  /** There will be no connection: all are rejected. @param {string} reason */
  refuse(reason) {
    for (const id of [...this.#pending.keys()]) {
      this.#take(id)?.reject(new StageError("NOT_CONNECTED", reason));
    }
  }

  /** @param {string} id @param {number} timeout */
  #expire(id, timeout) {
    this.#take(id)?.reject(new StageError(
      "NO_ANSWER", `There was no answer within ${timeout / 1000} s.`, { timeout }, true));
  }

  /** @param {string} id */
  #take(id) {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.clock.cancel(pending.timer);
    this.#pending.delete(id);
    return pending;
  }
}
