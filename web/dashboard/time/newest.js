// @ts-check
/**
 * Asks for what is wanted last, one question at a time: what is wanted while an answer is awaited
 * is asked after it, and what was wanted in between is left out. No I/O of its own.
 * @typedef {{now: () => number, after: (callback: () => void, delay: number) => unknown}} Clock
 */
import { Allowance } from "./allowance.js";

const SECOND = 1_000;

/** @template Wish */
export class Newest {
  /** @type {{wish: Wish} | null} */
  #wanted = null;
  #busy = false;

  /**
   * @param {(wish: Wish) => Promise<unknown>} ask
   * @param {(error: any) => void} failed told what cannot be had, but for too many questions
   * @param {Clock} clock
   */
  constructor(ask, failed, clock) {
    this.ask = ask;
    this.failed = failed;
    this.clock = clock;
    this.allowance = new Allowance();
  }

  /** @param {Wish} wish */
  want(wish) {
    this.#wanted = { wish };
    if (!this.#busy) this.#go();
  }

  /** Nothing is wanted any more. */
  forget() {
    this.#wanted = null;
  }

  async #go() {
    this.#busy = true;
    while (this.#wanted) {
      await new Promise((done) => { this.clock.after(() => done(null), this.allowance.wait(this.clock.now())); });
      const wanted = this.#wanted;
      if (!wanted) break;
      this.#wanted = null;
      this.allowance.take(this.clock.now());
      try {
        await this.ask(wanted.wish);
      } catch (error) {
        this.#refused(error, wanted);
      }
    }
    this.#busy = false;
  }

  /** @param {any} error @param {{wish: Wish}} wanted */
  #refused(error, wanted) {
    if (error?.code !== "RATE_LIMIT_EXCEEDED") {
      this.failed(error);
      return;
    }
    this.allowance.rest(this.clock.now(), (error.details?.retry_after ?? 5) * SECOND);
    this.#wanted ??= wanted;
  }
}
