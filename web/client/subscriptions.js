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
 * @typedef {{pattern: string, wish: Wish, listener: Listener}} Share
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
   * @returns {() => void} gives it up
   */
  add(pattern, { mode = "all", max_hz = null }, listener) {
    const share = { pattern, wish: { mode, max_hz }, listener };
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
    const subscribe = [...groups.values()].flatMap(parted);
    if (resume) for (const asking of subscribe) this.#addSince(asking);
    return { subscribe, unsubscribe };
  }

  /** The server knows nothing of these any more, or of any. @param {Iterable<string>} [patterns] */
  forget(patterns = [...this.#asked.keys()]) {
    for (const pattern of patterns) this.#asked.delete(pattern);
  }

  /** Hands an event to its listeners; one that was seen before is passed over. @param {StageEvent} event */
  dispatch(event) {
    const { topic, epoch, offset } = event;
    const seen = this.#positions.get(topic);
    if (seen && seen.epoch === epoch && offset <= seen.offset) return;
    this.#positions.delete(topic);
    this.#positions.set(topic, { epoch, offset });
    if (this.#positions.size > MOST_POSITIONS) {
      const [oldest] = this.#positions.keys();
      this.#positions.delete(oldest);
    }
    for (const share of [...this.#shares]) {
      if (this.#shares.has(share) && matches(share.pattern, topic)) guarded(share.listener, event, this.report);
    }
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
