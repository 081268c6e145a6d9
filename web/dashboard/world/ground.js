// @ts-check
/**
 * What agents move over: cells and marks. Drawn anew only when the camera or the run changes.
 * @typedef {{x: number, y: number, label: string, kind: string}} Mark
 * @typedef {{width: number, height: number, cells: boolean, marks: Mark[]}} Ground
 * @typedef {import("./camera.js").Camera} Camera
 * @typedef {import("../panels/inks.js").Inks} Inks
 */

const LEAST_GRID = 7; // pixels per cell below which lines would be all one sees
const LEAST_LABEL = 34;
const FONT = "11px system-ui, sans-serif";

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Ground} ground
 * @param {Camera} camera
 * @param {Inks} inks
 */
export function drawGround(context, ground, camera, inks) {
  if (!ground.cells) return;
  const { scale, left, top } = camera;
  context.fillStyle = inks.field;
  context.fillRect(left, top, ground.width * scale, ground.height * scale);
  for (const mark of ground.marks) drawMark(context, mark, camera, inks);
  if (scale >= LEAST_GRID) drawLines(context, ground, camera, inks);
  context.strokeStyle = inks.muted;
  context.lineWidth = 1;
  context.strokeRect(left, top, ground.width * scale, ground.height * scale);
}

/**
 * The marks' names, to be drawn above the agents.
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Ground} ground
 * @param {Camera} camera
 * @param {Inks} inks
 */
export function drawLabels(context, ground, camera, inks) {
  if (!ground.cells || camera.scale < LEAST_LABEL) return;
  for (const mark of ground.marks) drawLabel(context, mark, camera, inks);
}

/** @param {CanvasRenderingContext2D} context @param {Ground} ground @param {Camera} camera @param {Inks} inks */
function drawLines(context, ground, camera, inks) {
  const { scale, left, top } = camera;
  context.strokeStyle = inks.line;
  context.lineWidth = 1;
  context.globalAlpha = Math.min(1, scale / 30);
  context.beginPath();
  for (let column = 1; column < ground.width; column += 1) {
    const x = Math.round(left + column * scale) + 0.5;
    context.moveTo(x, top);
    context.lineTo(x, top + ground.height * scale);
  }
  for (let row = 1; row < ground.height; row += 1) {
    const y = Math.round(top + row * scale) + 0.5;
    context.moveTo(left, y);
    context.lineTo(left + ground.width * scale, y);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Mark} mark @param {Camera} camera @param {Inks} inks */
function drawMark(context, mark, camera, inks) {
  const { scale } = camera;
  const x = camera.left + mark.x * scale;
  const y = camera.top + mark.y * scale;
  if (mark.kind === "wall") {
    hatch(context, x, y, scale, inks);
    return;
  }
  const ink = inkOf(mark.kind, inks);
  context.globalAlpha = mark.kind === "start" ? 0.1 : 0.2;
  context.fillStyle = ink;
  context.fillRect(x, y, scale, scale);
  context.globalAlpha = 0.9;
  context.strokeStyle = ink;
  context.lineWidth = Math.min(2, scale / 12);
  // The line's pattern says the kind without its colour.
  context.setLineDash(mark.kind === "cue" ? [] : mark.kind === "reward" ? [7, 3] : [2, 3]);
  const gap = Math.min(3, scale / 10);
  context.strokeRect(x + gap, y + gap, scale - 2 * gap, scale - 2 * gap);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} side @param {Inks} inks */
function hatch(context, x, y, side, inks) {
  context.save();
  context.beginPath();
  context.rect(x, y, side, side);
  context.fillStyle = inks.line;
  context.fill();
  context.clip();
  context.strokeStyle = inks.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = 6; at < 2 * side; at += 6) {
    context.moveTo(x + at, y);
    context.lineTo(x, y + at);
  }
  context.stroke();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Mark} mark @param {Camera} camera @param {Inks} inks */
function drawLabel(context, mark, camera, inks) {
  if (!mark.label) return;
  const { scale } = camera;
  const x = camera.left + mark.x * scale + 6;
  const y = camera.top + mark.y * scale + 6;
  context.font = FONT;
  context.textBaseline = "top";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = inks.field;
  context.fillStyle = inks.text;
  const text = fitting(context, mark.label, scale - 10);
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} room */
function fitting(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let kept = text.length;
  while (kept > 1 && context.measureText(`${text.slice(0, kept)}…`).width > room) kept -= 1;
  return `${text.slice(0, kept)}…`;
}

/** @param {string} kind @param {Inks} inks */
export function inkOf(kind, inks) {
  if (kind === "cue") return inks.cue;
  return kind === "reward" ? inks.reward : inks.muted;
}
