// @ts-check
/**
 * The frames of a run at ticks that are past, read from its record: some around the one that is
 * asked for at once, so that its neighbours are there when they are wanted. No I/O of its own.
 * @typedef {Record<string, any>} Columns
 * @typedef {(name: string, params: Record<string, any>) => Promise<any>} Query
 */
import { Newest } from "./newest.js";

const BLOCK_BYTES = 256 * 1024;
const MOST_BLOCK = 32;
const KEPT_BYTES = 24 * 1024 * 1024;

export class Frames {
  /** @type {Map<number, Columns>} by tick, the longest unused first */
  #kept = new Map();
  /** @type {{tick: number, take: (tick: number, data: Columns | null) => void} | null} */
  #wanted = null;

  /**
   * @param {string} run
   * @param {number} bytes of a frame, about
   * @param {Query} query
   * @param {import("./newest.js").Clock} clock
   * @param {(error: any) => void} failed
   */
  constructor(run, bytes, query, clock, failed) {
    this.run = run;
    this.topic = `run.${run}.agents`;
    this.query = query;
    this.block = Math.min(MOST_BLOCK, Math.max(1, Math.floor(BLOCK_BYTES / Math.max(1, bytes))));
    this.most = Math.max(2 * this.block, Math.floor(KEPT_BYTES / Math.max(1, bytes)));
    this.newest = new Newest((tick) => this.#read(/** @type {number} */ (tick)), failed, clock);
  }

  /**
   * Hand over the frame of a tick as soon as it is there, unless another is wanted by then.
   * @param {number} tick
   * @param {(tick: number, data: Columns | null) => void} take told null where none is recorded
   */
  want(tick, take) {
    this.#wanted = { tick, take };
    const known = this.#kept.get(tick);
    if (!known) {
      this.newest.want(tick);
      return;
    }
    this.newest.forget();
    this.#keep(tick, known);
    this.#hand(tick, known);
  }

  /** Nothing is wanted any more. */
  forget() {
    this.#wanted = null;
    this.newest.forget();
  }

  /** @param {number} tick */
  async #read(tick) {
    const from = Math.max(1, tick - (this.block >> 1));
    const to = from + this.block - 1;
    await this.#ask(from, to);
    // What the server has at hand has holes where nobody watched; asked for alone, the record fills them.
    if (!this.#kept.has(tick)) await this.#ask(...this.#holeAt(tick, from, to));
    this.#hand(tick, this.#kept.get(tick) ?? null);
    // What was wanted meanwhile may have come with it.
    const next = this.#wanted && this.#kept.get(this.#wanted.tick);
    if (!this.#wanted || !next) return;
    this.newest.forget();
    this.#hand(this.#wanted.tick, next);
  }

  /** The ticks around this one of which none is there. @param {number} tick @param {number} from @param {number} to @returns {[number, number]} */
  #holeAt(tick, from, to) {
    let [low, high] = [tick, tick];
    while (low > from && !this.#kept.has(low - 1)) low -= 1;
    while (high < to && !this.#kept.has(high + 1)) high += 1;
    return [low, high];
  }

  /** @param {number} from @param {number} to */
  async #ask(from, to) {
    const { events } = await this.query("history", { topic: this.topic, from, to, limit: to - from + 1 });
    for (const { offset, tick, data } of events) this.#keep(tick ?? offset, data);
  }

  /** @param {number} tick @param {Columns} data */
  #keep(tick, data) {
    this.#kept.delete(tick);
    this.#kept.set(tick, data);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.most) break;
      this.#kept.delete(oldest);
    }
  }

  /** @param {number} tick @param {Columns | null} data */
  #hand(tick, data) {
    if (this.#wanted?.tick !== tick) return;
    const { take } = this.#wanted;
    this.#wanted = null;
    take(tick, data);
  }
}
