// @ts-check
/**
 * Heat maps: numbers between 0 and 1 as colours of the scale, small enough to be painted anew.
 * @typedef {ArrayLike<number>} Numbers
 */
import { viridis } from "../world/palette.js";

const STEPS = 128;
/** @type {Map<boolean, number[][]>} */
const scales = new Map();

/** @param {boolean} dark */
function scale(dark) {
  const known = scales.get(dark)
    ?? Array.from({ length: STEPS }, (_, i) => viridis(i / (STEPS - 1), dark));
  scales.set(dark, known);
  return known;
}

/**
 * Which row of a timeline each column of pixels shows: the last that is not after it, -1 in a gap.
 * Pure.
 * @param {{offsets: number[], placeOf: (offset: number) => number, gapBefore: (place: number) => boolean}} timeline
 * @param {number} from
 * @param {number} to
 * @param {number} width
 * @returns {Int32Array}
 */
export function placesOf(timeline, from, to, width) {
  const places = new Int32Array(width).fill(-1);
  const per = (to - from) / Math.max(1, width);
  for (let column = 0; column < width; column += 1) {
    const at = from + (column + 0.5) * per;
    const next = timeline.placeOf(Math.floor(at) + 1);
    const place = next - 1;
    if (place < 0) continue;
    // The state holds until the next one, unless what came between is not known.
    if (next >= timeline.offsets.length && at > timeline.offsets[place] + 1) continue;
    if (next < timeline.offsets.length && timeline.gapBefore(next) && at > timeline.offsets[place] + 1) continue;
    places[column] = place;
  }
  return places;
}

/**
 * Paint columns of numbers, each from top to bottom.
 * @param {HTMLCanvasElement} canvas gets a pixel per number; the page stretches it
 * @param {(Numbers | null)[]} columns null: nothing known
 * @param {number} height numbers per column
 * @param {boolean} dark
 */
export function paintColumns(canvas, columns, height, dark) {
  const width = Math.max(1, columns.length);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(width, height);
  const colors = scale(dark);
  columns.forEach((numbers, column) => {
    if (!numbers) return;
    for (let row = 0; row < height; row += 1) {
      const part = Math.min(1, Math.max(0, numbers[row] || 0));
      const color = colors[Math.round(part * (STEPS - 1))];
      image.data.set([color[0], color[1], color[2], 255], 4 * (row * width + column));
    }
  });
  context.putImageData(image, 0, 0);
}

/**
 * Paint a grid of probabilities, the greatest in the scale's last colour.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} numbers row by row
 * @param {number} rows
 * @param {number} columns
 * @param {boolean} dark
 */
export function paintGrid(canvas, numbers, rows, columns, dark) {
  let most = 0;
  for (let i = 0; i < numbers.length; i += 1) most = Math.max(most, numbers[i]);
  const parts = Array.from({ length: columns }, (_, column) => Float32Array.from(
    { length: rows }, (_one, row) => numbers[row * columns + column] / (most || 1)));
  paintColumns(canvas, parts, rows, dark);
}

/** The place of the greatest number. Pure. @param {Numbers} numbers */
export function likeliest(numbers) {
  let found = 0;
  for (let i = 1; i < numbers.length; i += 1) if (numbers[i] > numbers[found]) found = i;
  return found;
}
