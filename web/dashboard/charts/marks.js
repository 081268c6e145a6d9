// @ts-check
/**
 * What happened, and where one looks, drawn over a chart.
 * @typedef {{x: number, sign: string}} Mark
 */

const FONT = "10px system-ui, sans-serif";
const APART = 9; // pixels between signs

/**
 * @param {import("../vendor/uplot/uPlot.js")} plot
 * @param {readonly Mark[]} marks by rising x
 * @param {number | null} at
 * @param {import("../panels/inks.js").Inks} inks
 */
export function drawMarks(plot, marks, at, inks) {
  const { ctx, bbox } = plot;
  const ratio = bbox.width / Math.max(1, plot.over.clientWidth);
  const { min, max } = plot.scales.x;
  if (min == null || max == null) return;
  ctx.save();
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.font = FONT.replace("10", String(10 * ratio));
  let last = -Infinity;
  for (const { x, sign } of marks) {
    if (x < min || x > max) continue;
    const left = plot.valToPos(x, "x", true);
    if (left - last < APART * ratio) continue;
    last = left;
    upright(ctx, left, bbox, inks.muted, ratio, [2, 3]);
    ctx.fillStyle = inks.text;
    ctx.fillText(sign, left, bbox.top);
  }
  if (at !== null && at >= min && at <= max) upright(ctx, plot.valToPos(at, "x", true), bbox, inks.accent, 1.75 * ratio, []);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} left @param {{top: number, height: number}} box @param {string} ink @param {number} width @param {number[]} dash */
function upright(ctx, left, box, ink, width, dash) {
  ctx.strokeStyle = ink;
  ctx.lineWidth = width;
  ctx.setLineDash(dash.map((part) => part * width));
  ctx.beginPath();
  ctx.moveTo(left, box.top);
  ctx.lineTo(left, box.top + box.height);
  ctx.stroke();
}
