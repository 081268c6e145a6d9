// @ts-check
/** Charts that are read together: one range, one cursor. */
import { signal } from "../vendor/signals/signals.js";

export class Group {
  /**
   * @param {string} unit what x counts: "tick", "second"
   * @param {number} span how much of it is shown while live
   */
  constructor(unit, span) {
    this.unit = unit;
    /** How much is shown while live; Infinity: all there is. */
    this.span = signal(span);
    /** What was dragged out; null: live. */
    this.zoom = signal(/** @type {{from: number, to: number} | null} */ (null));
    /** Where the reader points, in any of the charts. */
    this.cursor = signal(/** @type {number | null} */ (null));
    /** Where one looks, if it is not at what comes. */
    this.at = signal(/** @type {number | null} */ (null));
    /** What happened. */
    this.marks = signal(/** @type {readonly import("./marks.js").Mark[]} */ ([]));
    this.first = Infinity;
    this.newest = -Infinity;
  }

  /** Say what a chart has. @param {number} first @param {number} newest */
  reach(first, newest) {
    this.first = Math.min(this.first, first);
    this.newest = Math.max(this.newest, newest);
  }

  /** Another run begins. */
  reset() {
    this.zoom.value = null;
    this.cursor.value = null;
    this.first = Infinity;
    this.newest = -Infinity;
  }

  /** What is shown now. @returns {{from: number, to: number}} */
  range() {
    if (this.zoom.value) return this.zoom.value;
    if (this.newest < this.first) return { from: 0, to: 1 };
    const from = Math.max(this.first, this.newest - this.span.value);
    const at = this.at.value;
    if (at !== null && at < from) {
      const half = Math.min(this.span.value, this.newest - this.first) / 2;
      return { from: at - half, to: at + half };
    }
    return { from: Math.min(from, this.newest - 1), to: this.newest };
  }
}
