// @ts-check
/** Event handlers by name. A handler that throws harms no other: its error is reported. */

/** @typedef {(error: unknown) => void} Report */

/** @template {Record<string, any>} Events */
export class Emitter {
  /** @type {Map<keyof Events, Set<(value: any) => void>>} */
  #handlers = new Map();

  /** @param {Report} [report] takes what handlers throw */
  constructor(report = throwLater) {
    this.report = report;
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(value: Events[Name]) => void} handler
   * @returns {() => void} takes the handler off again
   */
  on(name, handler) {
    const there = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, there.add(handler));
    return () => this.off(name, handler);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(value: Events[Name]) => void} handler
   */
  off(name, handler) {
    this.#handlers.get(name)?.delete(handler);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} value
   */
  emit(name, value) {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) guarded(handler, value, this.report);
  }
}

/**
 * Calls a listener; what it throws is reported and goes no further.
 * @template Value
 * @param {(value: Value) => void} listener
 * @param {Value} value
 * @param {Report} report
 */
export function guarded(listener, value, report) {
  try {
    listener(value);
  } catch (error) {
    report(error);
  }
}

/** On a turn of its own, where the page's error reporting sees it. @type {Report} */
export function throwLater(error) {
  queueMicrotask(() => { throw error; });
}
