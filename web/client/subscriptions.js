// @ts-check
/**
 * Who listens to what, what the server was asked for, and where each topic stands. No I/O.
 *
 * Listeners to the same pattern share one subscription, the most generous of their wishes.
 */
import { guarded } from "./emitter.js";
import { matches } from "./topics.js";

/**
 * @typedef {import("./types.js").Listener} Listener
 * @typedef {import("./types.js").StageEvent} StageEvent
 * @typedef {import("./types.js").Position} Position
 * @typedef {{mode: import("./types.js").Mode, max_hz: number | null}} Wish
 * @typedef {import("./iteration.js").Place} Place
 * @typedef {object} Iterating who iterates wants to know more than a listener
 * @property {(places: Place[]) => void} begin
 * @property {() => void} cut
 * @property {(topic: string) => void} miss
 * @property {(error?: import("./errors.js").StageError) => void} fail
 *
 * @typedef {{pattern: string, wish: Wish, listener: Listener, iterating?: Iterating}} Share
 * @typedef {{events: string[], mode: string, max_hz?: number, since?: Record<string, Position>}} Asking
 */

const PATTERNS_PER_MESSAGE = 32;
const MOST_POSITIONS = 1000;
// What `since` may hold keeps a message far below the server's 64 KiB.
const MOST_SINCE = 300;

export class Subscriptions {
  /** @type {Set<Share>} */
  #shares = new Set();
  /** @type {Map<string, Wish>} what the server has been asked for, by pattern */
  #asked = new Map();
  /** @type {Set<string>} of what it was asked for, where it has not answered yet */
  #unanswered = new Set();
  /** @type {Map<string, Position>} the last seen of each topic, the least recently seen first */
  #positions = new Map();

  /** @param {import("./emitter.js").Report} report takes what listeners throw */
  constructor(report) {
    this.report = report;
  }

  /**
   * @param {string} pattern
   * @param {import("./types.js").SubscribeOptions} options
   * @param {Listener} listener
   * @param {Iterating} [iterating]
   * @returns {() => void} gives it up
   */
  add(pattern, { mode = "all", max_hz = null }, listener, iterating) {
    const share = { pattern, wish: { mode, max_hz }, listener, iterating };
    this.#shares.add(share);
    return () => { this.#shares.delete(share); };
  }

  /**
   * What to tell the server so that it knows the present wishes; they count as told then.
   * @param {{resume?: boolean}} [options] resume: with `since`, for topics seen before
   * @returns {{subscribe: Asking[], unsubscribe: string[]}}
   */
  changes({ resume = false } = {}) {
    const wanted = this.#wanted();
    const unsubscribe = [...this.#asked.keys()].filter((pattern) => !wanted.has(pattern));
    for (const pattern of unsubscribe) this.#asked.delete(pattern);
    /** @type {Map<string, Asking>} */
    const groups = new Map();
    for (const [pattern, wish] of wanted) {
      const asked = this.#asked.get(pattern);
      if (asked && asked.mode === wish.mode && asked.max_hz === wish.max_hz) continue;
      this.#asked.set(pattern, wish);
      const key = `${wish.mode} ${wish.max_hz}`;
      const rate = wish.max_hz === null ? {} : { max_hz: wish.max_hz };
      const group = groups.get(key) ?? { events: [], mode: wish.mode, ...rate };
      groups.set(key, group);
      group.events.push(pattern);
    }
    const inOrder = [...groups.values()];
    // What is recovered for `latest`, the newest alone, must not go before all of it.
    if (resume) inOrder.sort((one, other) => one.mode.localeCompare(other.mode));
    const subscribe = inOrder.flatMap(parted);
    if (resume) for (const asking of subscribe) this.#addSince(asking);
    for (const { events } of subscribe) for (const pattern of events) this.#unanswered.add(pattern);
    for (const { pattern, iterating } of this.#shares) {
      if (iterating && !this.#unanswered.has(pattern)) iterating.begin(this.#known(pattern));
    }
    return { subscribe, unsubscribe };
  }

  /**
   * The server has taken these: where their topics stand, and which could not be recovered.
   * @param {string[]} patterns
   * @param {(Place & {recovered: boolean | null})[]} places
   * @returns {string[]} topics of which events are gone
   */
  begin(patterns, places) {
    for (const pattern of patterns) this.#unanswered.delete(pattern);
    for (const { topic, epoch, offset, recovered } of places) {
      if (epoch && (recovered === false || !this.#positions.has(topic))) this.#note(topic, { epoch, offset });
    }
    const gone = [...new Set(places.filter(({ recovered }) => recovered === false).map(({ topic }) => topic))];
    for (const topic of gone) this.#miss(topic);
    for (const { pattern, iterating } of [...this.#shares]) {
      if (patterns.includes(pattern)) iterating?.begin(places.filter(({ recovered, topic }) => recovered === null && matches(pattern, topic)));
    }
    return gone;
  }

  /** The server refuses these for good. @param {string[]} patterns @param {import("./errors.js").StageError} error */
  refuse(patterns, error) {
    for (const { pattern, iterating } of [...this.#shares]) if (patterns.includes(pattern)) iterating?.fail(error);
  }

  /** There will be no connection: who iterates is told; listeners wait. @param {import("./errors.js").StageError} [error] */
  end(error) {
    for (const { iterating } of [...this.#shares]) iterating?.fail(error);
  }

  /** There is a new connection, whose server knows of nothing. */
  cut() {
    this.forget();
    for (const { iterating } of this.#shares) iterating?.cut();
  }

  /** The server knows nothing of these any more, or of any. @param {Iterable<string>} [patterns] */
  forget(patterns = [...this.#asked.keys()]) {
    for (const pattern of patterns) {
      this.#asked.delete(pattern);
      this.#unanswered.delete(pattern);
    }
  }

  /** Hands an event to its listeners; one that was seen before is passed over. @param {StageEvent} event */
  dispatch(event) {
    const { topic, epoch, offset } = event;
    const seen = this.#positions.get(topic);
    if (seen && seen.epoch === epoch && offset <= seen.offset) return;
    this.#note(topic, { epoch, offset });
    for (const share of [...this.#shares]) {
      if (this.#shares.has(share) && matches(share.pattern, topic)) guarded(share.listener, event, this.report);
    }
  }

  /** @param {string} pattern @returns {Place[]} */
  #known(pattern) {
    return [...this.#positions].filter(([topic]) => matches(pattern, topic)).map(([topic, position]) => ({ topic, ...position }));
  }

  /** @param {string} topic @param {Position} position */
  #note(topic, position) {
    this.#positions.delete(topic);
    this.#positions.set(topic, position);
    if (this.#positions.size > MOST_POSITIONS) {
      const [oldest] = this.#positions.keys();
      this.#positions.delete(oldest);
    }
  }

  /** @param {string} topic */
  #miss(topic) {
    for (const { pattern, iterating } of [...this.#shares]) if (matches(pattern, topic)) iterating?.miss(topic);
  }

  /** @returns {Map<string, Wish>} */
  #wanted() {
    /** @type {Map<string, Wish>} */
    const wanted = new Map();
    for (const { pattern, wish } of this.#shares) {
      const other = wanted.get(pattern);
      wanted.set(pattern, other ? generous(other, wish) : wish);
    }
    return wanted;
  }

  /** @param {Asking} asking */
  #addSince(asking) {
    /** @type {Record<string, Position>} */
    const since = {};
    let room = MOST_SINCE;
    for (const [topic, position] of [...this.#positions].reverse()) {
      if (room === 0) break;
      if (!asking.events.some((pattern) => matches(pattern, topic))) continue;
      since[topic] = position;
      room -= 1;
    }
    if (room < MOST_SINCE) asking.since = since;
  }
}

/** @param {Wish} one @param {Wish} other @returns {Wish} */
function generous(one, other) {
  const unbounded = one.max_hz === null || other.max_hz === null;
  return {
    mode: one.mode === "all" ? "all" : other.mode,
    max_hz: unbounded ? null : Math.max(Number(one.max_hz), Number(other.max_hz)),
  };
}

/** @param {Asking} asking @returns {Asking[]} of so many patterns as one message may hold */
function parted(asking) {
  const parts = [];
  for (let at = 0; at < asking.events.length; at += PATTERNS_PER_MESSAGE) {
    parts.push({ ...asking, events: asking.events.slice(at, at + PATTERNS_PER_MESSAGE) });
  }
  return parts;
}
