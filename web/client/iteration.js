// @ts-check
/** The events of a subscription for `for await`. What waits to be taken out is bounded. No I/O. */
import { StageError } from "./errors.js";

/**
 * @typedef {import("./types.js").StageEvent} StageEvent
 * @typedef {import("./types.js").Position} Position
 * @typedef {Position & {topic: string}} Place
 */

/** Events of this topic were missed and cannot be had back: read its state anew. */
export class Gap {
  /** @param {string} topic */
  constructor(topic) {
    this.topic = topic;
    this.missed = true;
  }
}

/**
 * Each event once. With `all` the offsets of a topic rise by one, and where they do not there is a
 * Gap between; `latest` keeps the newest of each topic and adds up what it left out in `skipped`.
 * @implements {AsyncIterableIterator<StageEvent | Gap>}
 */
export class Iteration {
  /** @type {Map<string | number, StageEvent | Gap>} by the topic for `latest`, else by a number */
  #items = new Map();
  #count = 0;
  /** @type {Map<string, Position & {told?: boolean}>} told: no event of the topic came yet */
  #positions = new Map();
  #hasBegun = false;
  #wasCut = false;
  #isOver = false;
  /** @type {StageError | null} */
  #error = null;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {{mode: import("./types.js").Mode, limit: number, leave: () => void}} options */
  constructor({ mode, limit, leave }) {
    this.mode = mode;
    this.limit = limit;
    this.leave = leave;
  }

  /** What comes from now on is for it; `places` are where the topics stand. @param {Place[]} places */
  begin(places) {
    for (const { topic, epoch, offset } of places) {
      if (this.#positions.has(topic)) continue;
      // It began while the connection was away; its beginning is gone.
      if (this.#wasCut && this.mode === "all" && offset >= 0) this.miss(topic);
      this.#positions.set(topic, { epoch, offset, told: true });
    }
    this.#hasBegun = true;
    this.#wasCut = false;
  }

  /** There is a new connection. */
  cut() {
    this.#wasCut = this.#hasBegun;
  }

  /** @param {StageEvent} event */
  take(event) {
    const { topic, epoch, offset } = event;
    const seen = this.#positions.get(topic);
    const isSame = seen?.epoch === epoch;
    if (!this.#hasBegun || this.#isOver || (seen && isSame && offset <= seen.offset)) return;
    if (this.#items.size >= this.limit) {
      this.fail(this.#tooSlow());
      return;
    }
    if (this.mode === "all" && seen && !seen.told && !(isSame && offset === seen.offset + 1)) this.miss(topic);
    this.#positions.set(topic, { epoch, offset });
    const older = this.mode === "latest" ? this.#items.get(topic) : undefined;
    if (older && !(older instanceof Gap)) {
      this.#items.delete(topic);
      event = { ...event, skipped: (event.skipped ?? 0) + (older.skipped ?? 0) + 1 };
    }
    this.#put(this.mode === "latest" ? topic : this.#count, event);
  }

  /** @param {string} topic */
  miss(topic) {
    this.#positions.delete(topic);
    this.#put(this.#count, new Gap(topic));
  }

  /** Ends it: the error comes after what still waits; without one it ends at once. @param {StageError} [error] */
  fail(error) {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error) this.#error = error;
    else this.#items.clear();
    this.leave();
    this.#wake();
  }

  /** @returns {Promise<IteratorResult<StageEvent | Gap, undefined>>} */
  async next() {
    while (this.#items.size === 0) {
      if (this.#error) throw this.#error;
      if (this.#isOver) return { done: true, value: undefined };
      await new Promise((resolve) => { this.#waiting.push(() => resolve(null)); });
    }
    const [[key, value]] = this.#items;
    this.#items.delete(key);
    return { done: false, value };
  }

  /** What `break` calls. @returns {Promise<IteratorResult<StageEvent | Gap, undefined>>} */
  async return() {
    this.fail();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** @param {string | number} key @param {StageEvent | Gap} item */
  #put(key, item) {
    this.#count += 1;
    this.#items.set(key, item);
    this.#wake();
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #tooSlow() {
    /** @type {Record<string, Position>} */
    const topics = {};
    for (const [topic, { epoch, offset, told }] of this.#positions) {
      if (!told) topics[topic] = { epoch, offset };
    }
    return new StageError("SLOW_CONSUMER",
      `${this.limit} events wait to be taken out, and more came; details.topics says where it stopped.`,
      { limit: this.limit, topics }, true);
  }
}
