// @ts-check
/**
 * Draws agents as points where WebGL2 is not to be had (or only emulated). Every look of a point is
 * painted once; few agents are copied from it as images with smooth edges, many as plain pixels,
 * which is ten times as fast.
 * @typedef {import("./scene.js").Picture} Picture
 * @typedef {import("./scene.js").Look} Look
 * @typedef {{image: HTMLCanvasElement, places: Int32Array, colors: Uint32Array}} Stamp
 *   `places`: x0, y0, x1, y1, … of its pixels
 */
import { traced } from "./shapes.js";

const MOST_LOOKS = 1500; // 256 levels in a few shapes
const MANY = 1200; // agents from which pixels are written

export class CanvasPoints {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {ImageData | null} */
    this.sheet = null;
    /** @type {Map<number, Stamp>} */
    this.stamps = new Map();
    this.key = "";
  }

  /** New places, levels and shapes of the agents. @param {Picture} picture */
  upload(picture) {
    if (picture.palette !== this.picture?.palette) this.stamps.clear();
    this.picture = picture;
  }

  /** @param {Look} look */
  draw(look) {
    const { context, canvas, picture } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!picture) return;
    const size = Math.max(2, Math.round(look.size * look.ratio));
    const key = `${size} ${look.rim}`;
    if (key !== this.key || this.stamps.size > MOST_LOOKS) this.stamps.clear();
    this.key = key;
    if (picture.levels.length < MANY) this.#drawImages(picture, look, size);
    else this.#writePixels(picture, look, size);
  }

  close() {
    this.stamps.clear();
    this.picture = null;
    this.sheet = null;
  }

  /** @param {Picture} picture @param {Look} look @param {number} size */
  #drawImages({ from, to, levels, shapes }, { camera, progress, ratio, rim }, size) {
    const scale = camera.scale * ratio;
    const left = camera.left * ratio - size / 2;
    const top = camera.top * ratio - size / 2;
    for (let agent = 0; agent < levels.length; agent += 1) {
      const at = 2 * agent;
      const x = left + (from[at] + (to[at] - from[at]) * progress) * scale;
      const y = top + (from[at + 1] + (to[at + 1] - from[at + 1]) * progress) * scale;
      this.context.drawImage(this.#stamp(levels[agent], shapes[agent], size, rim).image, x, y);
    }
  }

  /** @param {Picture} picture @param {Look} look @param {number} size */
  #writePixels({ from, to, levels, shapes }, { camera, progress, ratio, rim }, size) {
    const { width, height } = this.canvas;
    const sheet = this.#clearSheet(width, height);
    const pixels = new Uint32Array(sheet.data.buffer);
    const scale = camera.scale * ratio;
    const left = camera.left * ratio - size / 2 + 0.5;
    const top = camera.top * ratio - size / 2 + 0.5;
    for (let agent = 0; agent < levels.length; agent += 1) {
      const at = 2 * agent;
      const x = Math.floor(left + (from[at] + (to[at] - from[at]) * progress) * scale);
      const y = Math.floor(top + (from[at + 1] + (to[at + 1] - from[at + 1]) * progress) * scale);
      if (x < 0 || y < 0 || x + size >= width || y + size >= height) continue;
      const { places, colors } = this.#stamp(levels[agent], shapes[agent], size, rim);
      const first = y * width + x;
      for (let i = 0; i < colors.length; i += 1) {
        pixels[first + places[2 * i + 1] * width + places[2 * i]] = colors[i];
      }
    }
    this.context.putImageData(sheet, 0, 0);
  }

  /** @param {number} width @param {number} height */
  #clearSheet(width, height) {
    if (this.sheet?.width !== width || this.sheet.height !== height) {
      this.sheet = this.context.createImageData(width, height);
    } else this.sheet.data.fill(0);
    return this.sheet;
  }

  /** @param {number} level @param {number} shape @param {number} size @param {number[]} rim */
  #stamp(level, shape, size, rim) {
    const key = 8 * level + shape;
    const known = this.stamps.get(key);
    if (known) return known;
    const palette = /** @type {Picture} */ (this.picture).palette;
    const stamp = painted(palette.subarray(4 * level, 4 * level + 3), shape, size, rim);
    this.stamps.set(key, stamp);
    return stamp;
  }
}

/** @param {ArrayLike<number>} color @param {number} shape @param {number} size @param {number[]} rim @returns {Stamp} */
function painted(color, shape, size, rim) {
  const image = document.createElement("canvas");
  image.width = image.height = size;
  const context = /** @type {CanvasRenderingContext2D} */ (
    image.getContext("2d", { willReadFrequently: true }));
  context.fillStyle = `rgb(${color[0]} ${color[1]} ${color[2]})`;
  traced(context, shape, size / 2, size / 2, (size / 2) * 0.86);
  context.fill();
  if (size > 7 && shape < 5) {
    context.strokeStyle = `rgb(${rim[0]} ${rim[1]} ${rim[2]})`;
    context.lineWidth = Math.max(1, size / 12);
    context.stroke();
  }
  return { image, ...solidPixels(context.getImageData(0, 0, size, size)) };
}

/** The pixels that are more there than not. @param {ImageData} data */
function solidPixels({ data, width }) {
  const all = new Uint32Array(data.buffer);
  const kept = [...all.keys()].filter((place) => data[4 * place + 3] >= 110);
  return {
    places: Int32Array.from(kept.flatMap((place) => [place % width, Math.floor(place / width)])),
    // Opaque, in the byte order of this machine.
    colors: Uint32Array.from(kept, (place) => (all[place] | OPAQUE) >>> 0),
  };
}

const OPAQUE = new Uint32Array(new Uint8Array([0, 0, 0, 255]).buffer)[0];
