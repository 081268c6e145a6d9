// @ts-check
/** The forms of points: a second sign beside the colour for variables that are categories. */

export const TILE = 5; // a full square, for agents that have a cell of their own

/** A shape by its number. @type {((c: CanvasRenderingContext2D, x: number, y: number, r: number) => void)[]} */
const SHAPES = [
  (c, x, y, r) => c.arc(x, y, r, 0, 2 * Math.PI),
  (c, x, y, r) => c.rect(x - r * 0.86, y - r * 0.86, r * 1.72, r * 1.72),
  (c, x, y, r) => outline(c, [[x, y - r * 1.1], [x + r * 1.1, y], [x, y + r * 1.1], [x - r * 1.1, y]]),
  (c, x, y, r) => outline(c, [[x, y - r * 1.1], [x + r * 1.1, y + r * 0.7], [x - r * 1.1, y + r * 0.7]]),
  (c, x, y, r) => {
    const b = r * 0.36;
    outline(c, [
      [x - b, y - r], [x + b, y - r], [x + b, y - b], [x + r, y - b], [x + r, y + b], [x + b, y + b],
      [x + b, y + r], [x - b, y + r], [x - b, y + b], [x - r, y + b], [x - r, y - b], [x - b, y - b],
    ]);
  },
  (c, x, y, r) => c.rect(x - r * 1.1, y - r * 1.1, r * 2.2, r * 2.2),
];

/**
 * Begin a path with the outline of a shape.
 * @param {CanvasRenderingContext2D} context
 * @param {number} shape
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export function traced(context, shape, x, y, r) {
  context.beginPath();
  SHAPES[shape % SHAPES.length](context, x, y, r);
}

/** @param {CanvasRenderingContext2D} context @param {number[][]} corners */
function outline(context, corners) {
  corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}
