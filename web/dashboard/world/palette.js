// @ts-check
/**
 * From a variable's values to colours, and to the legend that explains them. Pure.
 *
 * A value becomes a level: 0..254 along the palette, 255 for a value that is not there.
 * @typedef {"number" | "category" | "flag"} Kind
 * @typedef {{name: string, title: string, unit: string, kind: Kind, labels: string[]}} Variable
 */

export const NO_LEVEL = 255;
export const SHAPES = 5; // circle, square, diamond, triangle, cross

// Viridis at nine places: readable by the colour-blind and when printed in grey.
const VIRIDIS = [
  [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [144, 215, 67], [253, 231, 37],
];
// Okabe and Ito's eight: told apart with every common kind of colour vision.
const CATEGORIES = [
  [86, 180, 233], [230, 159, 0], [0, 158, 115], [204, 121, 167],
  [240, 228, 66], [0, 114, 178], [213, 94, 0], [150, 150, 150],
];
const LEVELS = 255;

/**
 * A place on viridis. The end that the background would swallow is left out.
 * @param {number} part 0 to 1
 * @param {boolean} dark
 * @returns {[number, number, number]}
 */
export function viridis(part, dark) {
  const held = Math.min(1, Math.max(0, part));
  const at = (dark ? 0.16 + 0.84 * held : 0.94 * held) * (VIRIDIS.length - 1);
  const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const mixed = VIRIDIS[low].map((one, i) =>
    Math.round(one + (VIRIDIS[low + 1][i] - one) * (at - low)));
  return [mixed[0], mixed[1], mixed[2]];
}

/** @param {number} category @returns {[number, number, number]} */
export function categoryColor(category) {
  const found = CATEGORIES[((category % CATEGORIES.length) + CATEGORIES.length) % CATEGORIES.length];
  return [found[0], found[1], found[2]];
}

/** @param {readonly number[]} color */
export function css(color) {
  return `rgb(${color[0]} ${color[1]} ${color[2]})`;
}

/**
 * 256 RGBA colours: one per level, the last for a value that is not there.
 * @param {Kind} kind
 * @param {boolean} dark
 * @returns {Uint8Array}
 */
export function palette(kind, dark) {
  const colors = new Uint8Array(256 * 4);
  for (let level = 0; level < 256; level += 1) {
    const color = level === NO_LEVEL ? [128, 128, 128]
      : kind === "number" ? viridis(level / (LEVELS - 1), dark) : categoryColor(level);
    colors.set([color[0], color[1], color[2], 255], 4 * level);
  }
  return colors;
}

/** The range of a variable's colours; grows with what is seen, so that a colour keeps its meaning. */
export class Range {
  constructor() {
    this.low = Infinity;
    this.high = -Infinity;
  }

  /** Take in new values; true when the range grew. @param {ArrayLike<number | boolean | null>} values */
  include(values) {
    let [least, most] = [Infinity, -Infinity];
    for (let i = 0; i < values.length; i += 1) {
      const value = Number(values[i] ?? NaN);
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (least > most) return false;
    const low = Math.min(this.low, least >= 0 ? 0 : -round(-least));
    const high = Math.max(this.high, most <= 0 ? (low < 0 ? 0 : 1) : round(most));
    const grew = low !== this.low || high !== this.high;
    [this.low, this.high] = [low, high];
    return grew;
  }
}

/** The next larger of 1, 1.5, 2, 3, 5, 7 times a power of ten. @param {number} value above 0 */
export function round(value) {
  if (!(value > 0) || !Number.isFinite(value)) return value;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 5, 7, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(6));
}

/**
 * @param {ArrayLike<number | boolean | null>} values
 * @param {Kind} kind
 * @param {Range} range
 * @returns {Uint8Array} a level per agent
 */
export function levels(values, kind, range) {
  const found = new Uint8Array(values.length);
  const size = range.high - range.low || 1;
  for (let i = 0; i < values.length; i += 1) {
    const value = Number(values[i] ?? NaN);
    if (Number.isNaN(value)) found[i] = NO_LEVEL;
    else if (kind === "number") {
      const part = Math.min(1, Math.max(0, (value - range.low) / size));
      found[i] = Math.round(part * (LEVELS - 1));
    } else found[i] = value < 0 ? NO_LEVEL : Math.min(LEVELS - 1, value);
  }
  return found;
}
