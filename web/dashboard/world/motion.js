// @ts-check
/**
 * Smooth motion between frames: what the eye sees at the display's rate of agents that are told
 * some times a second. Pure: the time is handed in (milliseconds).
 * @typedef {import("./identity.js").Ids} Ids
 */

const FIRST_INTERVAL = 250;
const LONGEST = 900; // a lone step should not crawl
const LEAP = 1.8; // cells: who moves farther was put there and does not glide

export class Motion {
  /** @param {{still?: boolean}} [options] `still`: jump, do not glide */
  constructor({ still = false } = {}) {
    this.still = still;
    /** Where agents glide from: x0, y0, x1, y1, … @type {Float32Array} */
    this.from = new Float32Array(0);
    /** Where they glide to. @type {Float32Array} */
    this.to = new Float32Array(0);
    /** Who stands in which row. @type {Ids} */
    this.ids = null;
    this.begun = 0;
    this.duration = 0;
    this.interval = FIRST_INTERVAL;
  }

  get agents() {
    return this.to.length / 2;
  }

  /**
   * A frame came: glide there from where the agents are seen now.
   * @param {Float32Array} places
   * @param {number} now
   * @param {Ids} [ids] who stands in which row, where agents come and go
   */
  push(places, now, ids = null) {
    const same = ids && this.ids ? true : places.length === this.to.length;
    if (!same || this.still) {
      this.from = places;
      this.duration = 0;
    } else {
      this.from = this.#seen(places, now, ids);
      const since = now - this.begun;
      if (since < 4 * LONGEST) this.interval += 0.3 * (since - this.interval);
      this.duration = Math.min(LONGEST, Math.max(16, this.interval));
    }
    this.to = places;
    this.ids = ids;
    this.begun = now;
  }

  /** How much of the glide is done, 0 to 1. @param {number} now */
  progress(now) {
    if (this.duration === 0) return 1;
    return Math.min(1, Math.max(0, (now - this.begun) / this.duration));
  }

  /**
   * Where an agent is seen.
   * @param {number} agent
   * @param {number} now
   * @returns {[number, number]}
   */
  place(agent, now) {
    const part = this.progress(now);
    const at = 2 * agent;
    return [
      this.from[at] + (this.to[at] - this.from[at]) * part,
      this.from[at + 1] + (this.to[at + 1] - this.from[at + 1]) * part,
    ];
  }

  /** Where those of the next frame are seen now. @param {Float32Array} next @param {number} now @param {Ids} ids */
  #seen(next, now, ids) {
    const part = this.progress(now);
    const before = ids && this.ids ? new Map(Array.from(this.ids, (id, row) => [id, row])) : null;
    const seen = new Float32Array(next.length);
    for (let at = 0; at < seen.length; at += 2) {
      const row = before && ids ? before.get(ids[at / 2]) : at / 2;
      // Who was not there before stands where it begins.
      const was = row === undefined ? -1 : 2 * row;
      seen[at] = was < 0 ? next[at] : this.from[was] + (this.to[was] - this.from[was]) * part;
      seen[at + 1] = was < 0 ? next[at + 1] : this.from[was + 1] + (this.to[was + 1] - this.from[was + 1]) * part;
      const far = Math.max(Math.abs(next[at] - seen[at]), Math.abs(next[at + 1] - seen[at + 1]));
      if (far <= LEAP) continue;
      seen[at] = next[at];
      seen[at + 1] = next[at + 1];
    }
    return seen;
  }
}
