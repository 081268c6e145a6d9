// @ts-check
/**
 * The picture of the world: canvases above each other (ground, agents, labels, markers), one loop.
 *
 * Nothing is drawn while nothing moves, and nothing while the scene is asleep.
 * @typedef {{from: Float32Array, to: Float32Array, levels: Uint8Array, shapes: Uint8Array, palette: Uint8Array}} Picture
 * @typedef {{camera: import("./camera.js").Camera, ratio: number, size: number, progress: number, rim: number[]}} Look
 * @typedef {{upload: (picture: Picture) => void, draw: (look: Look) => void, close: () => void}} Points
 * @typedef {{places: Float32Array, levels: Uint8Array, shapes: Uint8Array, palette: Uint8Array, ids: import("./identity.js").Ids}} Frame
 * @typedef {import("./ground.js").Ground} Ground
 * @typedef {import("../panels/inks.js").Inks} Inks
 * @typedef {{still: boolean, pick: (agent: number) => void, hover: (row: number, x: number, y: number) => void,
 *   point: (x: number, y: number) => boolean}} Options
 *   `point`: told where in the world was clicked, in cells; whether no agent is meant by it
 */
import { fitted, panned, resized, toWorld, zoomed } from "./camera.js";
import { listen } from "./gestures.js";
import { drawGround, drawLabels } from "./ground.js";
import { agentOf, rowOf } from "./identity.js";
import { Trail, drawMarkers } from "./marker.js";
import { Motion } from "./motion.js";
import { nearest } from "./picking.js";
import { WebglPoints } from "./points_webgl.js";

const REACH = 10; // pixels around an agent that still pick it
const LEAST_SIZE = 3;
const LARGEST_SIZE = 44;

export class Scene {
  /**
   * @param {HTMLElement} host gets the canvases; must be positioned and focusable
   * @param {Inks} inks
   * @param {Options} options
   */
  constructor(host, inks, options) {
    this.host = host;
    this.inks = inks;
    this.options = options;
    this.motion = new Motion({ still: options.still });
    this.trail = new Trail();
    /** @type {Ground} */
    this.ground = { width: 1, height: 1, cells: false, marks: [] };
    this.radius = 0.2;
    /** The row under the pointer. */
    this.hovered = -1;
    /** Where the pointer is; null: elsewhere. @type {[number, number] | null} */
    this.pointer = null;
    this.awake = false;
    this.request = 0;
    this.groundIsDirty = true;
    /** @type {Frame | null} */
    this.frame = null;
    this.layers = { ground: layer(host), points: layer(host), labels: layer(host), markers: layer(host) };
    /** @type {Points | null} */
    this.points = this.#begunPoints();
    this.screen = { width: host.clientWidth || 1, height: host.clientHeight || 1 };
    this.camera = fitted(this.ground, this.screen);
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(host);
    this.stopListening = listen(host, this.#actions());
  }

  /** Which renderer draws the agents, for people who ask. */
  get renderer() {
    return this.points instanceof WebglPoints ? "WebGL2" : "Canvas2D";
  }

  /** @param {Ground} ground @param {number} radius of an agent, in cells */
  setGround(ground, radius) {
    const same = ground.width === this.ground.width && ground.height === this.ground.height;
    this.ground = ground;
    this.radius = radius;
    if (!same) this.camera = fitted(ground, this.screen);
    this.#changed();
  }

  /** @param {Inks} inks */
  setInks(inks) {
    this.inks = inks;
    this.#changed();
  }

  /** New places of all agents. @param {Frame} frame */
  move(frame) {
    this.motion.push(frame.places, performance.now(), frame.ids);
    this.trail.push(frame.places, rowOf(frame.ids, this.trail.agent));
    this.paint(frame);
    this.#hover();
  }

  /** Other colours for agents where they are. @param {Frame} frame */
  paint(frame) {
    this.frame = frame;
    this.points?.upload({ ...frame, from: this.motion.from, to: this.motion.to });
    this.#wake();
  }

  /** @param {number} agent -1: none */
  pick(agent) {
    this.trail.follow(agent);
    this.#wake();
  }

  /** @param {boolean} awake */
  setAwake(awake) {
    this.awake = awake;
    if (awake) this.#changed();
  }

  fit() {
    this.camera = fitted(this.ground, this.screen);
    this.#changed();
  }

  /**
   * @param {number} factor
   * @param {number} [x] the place that stays; the middle unless told
   * @param {number} [y]
   * @returns {boolean} whether it changed anything
   */
  zoom(factor, x = this.screen.width / 2, y = this.screen.height / 2) {
    const before = this.camera.scale;
    this.camera = zoomed(this.camera, factor, { x, y }, this.ground, this.screen);
    this.#changed();
    return this.camera.scale !== before;
  }

  /** @param {number} x @param {number} y pixels */
  pan(x, y) {
    this.camera = panned(this.camera, x, y, this.ground, this.screen);
    this.#changed();
  }

  close() {
    cancelAnimationFrame(this.request);
    this.observer.disconnect();
    this.stopListening();
    this.points?.close();
    for (const canvas of Object.values(this.layers)) canvas.remove();
  }

  get size() {
    const wanted = 2 * this.radius * this.camera.scale;
    return Math.min(LARGEST_SIZE, Math.max(LEAST_SIZE, wanted));
  }

  /** Null while there is only a promise of some. @returns {Points | null} */
  #begunPoints() {
    const found = WebglPoints.on(this.layers.points);
    if (!found) {
      this.#takePlainPoints();
      return null;
    }
    this.layers.points.addEventListener("webglcontextlost", () => {
      if (!this.layers.points.isConnected) return;
      // The graphics processor was taken away: go on without it.
      this.points = null;
      this.#takePlainPoints();
    });
    return found;
  }

  /** A canvas that was asked for WebGL2 can draw nothing else, so there is a new one. */
  async #takePlainPoints() {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    this.layers.points.replaceWith(canvas);
    this.layers.points = canvas;
    const { CanvasPoints } = await import("./points_canvas.js");
    if (!canvas.isConnected) return;
    this.points = new CanvasPoints(canvas);
    this.#resize();
    if (this.frame) this.paint(this.frame);
  }

  /** @returns {import("./gestures.js").Actions} */
  #actions() {
    return {
      zoom: (factor, x, y) => this.zoom(factor, x, y),
      pan: (x, y) => this.pan(x, y),
      fit: () => this.fit(),
      hover: (x, y) => {
        this.pointer = [x, y];
        this.#hover();
      },
      leave: () => {
        this.pointer = null;
        this.#hover();
      },
      pick: (x, y) => {
        const at = toWorld(this.camera, { x, y });
        if (this.options.point(at.x, at.y)) return;
        // Who is ringed is meant, even if it moved on; a click beside all of them means nobody.
        const row = this.hovered >= 0 ? this.hovered : this.#rowAt(x, y);
        if (row >= 0) this.options.pick(agentOf(this.motion.ids, row));
      },
      step: (by) => {
        const { agents } = this.motion;
        const from = this.#picked < 0 ? (by > 0 ? -1 : 0) : this.#picked;
        if (agents) this.options.pick(agentOf(this.motion.ids, (from + by + agents) % agents));
      },
    };
  }

  /** The row of the picked agent, or -1. */
  get #picked() {
    return rowOf(this.motion.ids, this.trail.agent);
  }

  /** @param {number} x @param {number} y */
  #rowAt(x, y) {
    const at = toWorld(this.camera, { x, y });
    const reach = (this.size / 2 + REACH) / this.camera.scale;
    const { from, to } = this.motion;
    return nearest(from, to, this.motion.progress(performance.now()), at.x, at.y, reach);
  }

  /** Agents and camera move under a pointer that rests. */
  #hover() {
    if (!this.pointer && this.hovered < 0) return;
    const [x, y] = this.pointer ?? [0, 0];
    const row = this.pointer ? this.#rowAt(x, y) : -1;
    if (row >= 0 || this.hovered >= 0) this.options.hover(row, x, y);
    if (row === this.hovered) return;
    this.hovered = row;
    this.#wake();
  }

  #resize() {
    const before = this.screen;
    this.screen = { width: this.host.clientWidth || 1, height: this.host.clientHeight || 1 };
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const canvas of Object.values(this.layers)) {
      canvas.width = Math.round(this.screen.width * ratio);
      canvas.height = Math.round(this.screen.height * ratio);
    }
    this.camera = resized(this.camera, this.ground, before, this.screen);
    this.#changed();
  }

  #changed() {
    this.groundIsDirty = true;
    this.#hover();
    this.#wake();
  }

  #wake() {
    if (!this.awake || this.request) return;
    this.request = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.request = 0;
    if (!this.awake) return;
    const now = performance.now();
    const ratio = this.layers.ground.width / this.screen.width;
    const { camera, inks, motion, size } = this;
    if (this.groundIsDirty) {
      drawGround(cleared(this.layers.ground, ratio), this.ground, camera, inks);
      drawLabels(cleared(this.layers.labels, ratio), this.ground, camera, inks);
    }
    this.groundIsDirty = false;
    const progress = motion.progress(now);
    this.points?.draw({ camera, ratio, size, progress, rim: inks.rim });
    const markers = cleared(this.layers.markers, ratio);
    drawMarkers(markers, { motion, trail: this.trail, camera, inks, size, picked: this.#picked, hovered: this.hovered, now });
    if (progress < 1) this.#wake();
  }
}

/** @param {HTMLElement} host */
function layer(host) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  host.append(canvas);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {number} ratio */
function cleared(canvas, ratio) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
