// @ts-check
/**
 * What is known of one topic over time: rows by rising offset, bounded. Pure.
 *
 * An event that was conflated says how many before it were skipped; any other missing offset is a
 * gap, and a gap is drawn as one.
 * @typedef {{offset: number, tick?: number | null, skipped?: number, data: any}} Item
 */

export const MOST_ROWS = 6000;

/** @template Row */
export class Timeline {
  /**
   * @param {(item: Item) => Row} read what is kept of an event
   * @param {number} [most] rows kept; the oldest go first
   */
  constructor(read, most = MOST_ROWS) {
    this.read = read;
    this.most = most;
    /** @type {string | null} */
    this.epoch = null;
    /** @type {number[]} */
    this.offsets = [];
    /** @type {number[]} */
    this.skipped = [];
    /** @type {Row[]} */
    this.rows = [];
    /** Rises with every change. */
    this.version = 0;
  }

  /** @returns {Row | undefined} */
  get last() {
    return this.rows[this.rows.length - 1];
  }

  /**
   * Take an event in; one of another epoch begins the timeline anew.
   * @param {Item & {epoch?: string}} item
   */
  push(item) {
    if (item.epoch !== undefined && item.epoch !== this.epoch) this.#begin(item.epoch);
    const last = this.offsets.length ? this.offsets[this.offsets.length - 1] : -1;
    if (item.offset > last) this.#put(this.offsets.length, item);
    else if (!this.#replace(item)) return;
    this.version += 1;
    if (this.rows.length > this.most) this.#forget(Math.ceil(this.most / 8));
  }

  /** Take in what the server remembers. @param {(Item & {epoch?: string})[]} items by rising offset */
  merge(items) {
    if (!items.length) return;
    if (this.epoch !== null && items[items.length - 1].epoch !== this.epoch) return;
    for (const item of items) this.push(item);
  }

  /** Whether rows are missing just before this one. @param {number} place */
  gapBefore(place) {
    return place > 0
      && this.offsets[place] - this.offsets[place - 1] > 1 + this.skipped[place];
  }

  /** The first place whose offset is at least this one. @param {number} offset */
  placeOf(offset) {
    let [low, high] = [0, this.offsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.offsets[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {string} epoch */
  #begin(epoch) {
    this.epoch = epoch;
    this.#forget(this.rows.length);
  }

  /** @param {number} count */
  #forget(count) {
    this.offsets.splice(0, count);
    this.skipped.splice(0, count);
    this.rows.splice(0, count);
  }

  /** @param {number} place @param {Item} item */
  #put(place, item) {
    this.offsets.splice(place, 0, item.offset);
    this.skipped.splice(place, 0, item.skipped ?? 0);
    this.rows.splice(place, 0, this.read(item));
  }

  /** An older event fills a hole. @param {Item} item @returns {boolean} whether it was missing */
  #replace(item) {
    const place = this.placeOf(item.offset);
    if (this.offsets[place] === item.offset) return false;
    const after = this.offsets[place] - item.offset - 1;
    // What was skipped before its follower and lies before it too was skipped, not lost.
    const before = Math.max(item.skipped ?? 0, this.skipped[place] - after - 1);
    this.skipped[place] = Math.min(this.skipped[place], after);
    this.#put(place, { ...item, skipped: before });
    return true;
  }
}

/**
 * The columns of a chart between two offsets. A gap becomes a row of nothing.
 * @param {Timeline<Record<string, number>>} timeline
 * @param {string[]} names
 * @param {number} from
 * @param {number} to
 * @returns {{xs: number[], series: (number | null)[][]}}
 */
export function columns(timeline, names, from, to) {
  // One row beyond either end, so that lines run out of the picture.
  const begin = Math.max(0, timeline.placeOf(from) - 1);
  const end = Math.min(timeline.rows.length, timeline.placeOf(to) + 1);
  /** @type {number[]} */
  const xs = [];
  /** @type {(number | null)[][]} */
  const series = names.map(() => []);
  for (let place = begin; place < end; place += 1) {
    if (place > begin && timeline.gapBefore(place)) {
      xs.push(timeline.offsets[place] - 0.5);
      for (const values of series) values.push(null);
    }
    xs.push(timeline.offsets[place]);
    const row = timeline.rows[place];
    names.forEach((name, i) => series[i].push(finite(row[name])));
  }
  return { xs, series };
}

/** @param {unknown} value */
function finite(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
