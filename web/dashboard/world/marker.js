// @ts-check
/**
 * What is drawn above the agents: the picked one's ring and trail, and a ring under the pointer.
 * @typedef {import("./camera.js").Camera} Camera
 * @typedef {import("./motion.js").Motion} Motion
 * @typedef {import("../panels/inks.js").Inks} Inks
 */

const STEPS = 24; // ticks that a trail goes back
const LEAP = 1.8; // cells: the trail begins anew where the agent was put elsewhere

/** Where the picked agent has been. Pure. */
export class Trail {
  constructor() {
    this.agent = -1;
    /** @type {[number, number][]} */
    this.places = [];
  }

  /** @param {number} agent */
  follow(agent) {
    if (agent === this.agent) return;
    this.agent = agent;
    this.places = [];
  }

  /** A frame came, in which it stands in this row; -1: in none. @param {Float32Array} places @param {number} row */
  push(places, row) {
    if (row < 0 || 2 * row >= places.length) return;
    const [x, y] = [places[2 * row], places[2 * row + 1]];
    const last = this.places[this.places.length - 1];
    if (last && Math.max(Math.abs(last[0] - x), Math.abs(last[1] - y)) > LEAP) this.places = [];
    this.places.push([x, y]);
    if (this.places.length > STEPS) this.places.shift();
  }
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {{motion: Motion, trail: Trail, camera: Camera, inks: Inks, size: number, picked: number, hovered: number, now: number}} seen
 *   `picked`, `hovered`: rows, or -1
 */
export function drawMarkers(context, { motion, trail, camera, inks, size, picked, hovered, now }) {
  if (picked >= 0 && picked < motion.agents) {
    const at = onScreen(motion.place(picked, now), camera);
    drawTrail(context, trail.places.slice(0, -1).map((one) => onScreen(one, camera)), at, inks);
    ring(context, at, size / 2 + 4.5, 4.5, inks.surface);
    ring(context, at, size / 2 + 4.5, 2.25, inks.accent);
  }
  if (hovered >= 0 && hovered !== picked && hovered < motion.agents) {
    ring(context, onScreen(motion.place(hovered, now), camera), size / 2 + 3, 1.5, inks.text);
  }
}

/** @param {[number, number]} place @param {Camera} camera @returns {[number, number]} */
function onScreen(place, camera) {
  return [camera.left + place[0] * camera.scale, camera.top + place[1] * camera.scale];
}

/** @param {CanvasRenderingContext2D} context @param {[number, number][]} past @param {[number, number]} at @param {Inks} inks */
function drawTrail(context, past, at, inks) {
  context.lineCap = "round";
  context.strokeStyle = inks.accent;
  context.lineWidth = 2.5;
  const points = [...past, at];
  for (let step = 1; step < points.length; step += 1) {
    context.globalAlpha = 0.75 * (step / points.length);
    context.beginPath();
    context.moveTo(...points[step - 1]);
    context.lineTo(...points[step]);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} at
 * @param {number} radius
 * @param {number} width
 * @param {string} ink
 */
function ring(context, at, radius, width, ink) {
  context.strokeStyle = ink;
  context.lineWidth = width;
  context.beginPath();
  context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
  context.stroke();
}
