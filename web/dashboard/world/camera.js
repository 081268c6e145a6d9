// @ts-check
/**
 * What part of the world the canvas shows. Pure: no canvas, no clock.
 *
 * World units are cells; screen units are CSS pixels from the canvas's top left.
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number}} Point
 * @typedef {{scale: number, left: number, top: number}} Camera
 *   `scale`: pixels per cell; `left`, `top`: where the world's origin is on the screen
 */

const MARGIN = 14;
const MOST_ZOOM = 40; // times the fitted scale

/**
 * The camera that shows the whole world, centred.
 * @param {Size} world
 * @param {Size} screen
 * @returns {Camera}
 */
export function fitted(world, screen) {
  const wide = Math.max(1, screen.width - 2 * MARGIN) / Math.max(1, world.width);
  const high = Math.max(1, screen.height - 2 * MARGIN) / Math.max(1, world.height);
  const scale = Math.min(wide, high);
  return {
    scale,
    left: (screen.width - world.width * scale) / 2,
    top: (screen.height - world.height * scale) / 2,
  };
}

/**
 * Zoomed by `factor` about a place on the screen that keeps its place; never out of reach.
 * @param {Camera} camera
 * @param {number} factor
 * @param {Point} at
 * @param {Size} world
 * @param {Size} screen
 * @returns {Camera}
 */
export function zoomed(camera, factor, at, world, screen) {
  const least = fitted(world, screen).scale;
  const scale = Math.min(least * MOST_ZOOM, Math.max(least, camera.scale * factor));
  const by = scale / camera.scale;
  const left = at.x - (at.x - camera.left) * by;
  const top = at.y - (at.y - camera.top) * by;
  return bounded({ scale, left, top }, world, screen);
}

/**
 * @param {Camera} camera
 * @param {number} x pixels
 * @param {number} y pixels
 * @param {Size} world
 * @param {Size} screen
 * @returns {Camera}
 */
export function panned(camera, x, y, world, screen) {
  return bounded({ ...camera, left: camera.left + x, top: camera.top + y }, world, screen);
}

/**
 * A world smaller than the screen is centred; a larger one leaves no gap but the margin.
 * @param {Camera} camera
 * @param {Size} world
 * @param {Size} screen
 * @returns {Camera}
 */
export function bounded(camera, world, screen) {
  return {
    scale: camera.scale,
    left: boundedEdge(camera.left, world.width * camera.scale, screen.width),
    top: boundedEdge(camera.top, world.height * camera.scale, screen.height),
  };
}

/** @param {number} edge @param {number} size @param {number} room */
function boundedEdge(edge, size, room) {
  if (size <= room - 2 * MARGIN) return (room - size) / 2;
  return Math.min(MARGIN, Math.max(room - MARGIN - size, edge));
}

/** @param {Camera} camera @param {Point} at @returns {Point} */
export function toScreen(camera, at) {
  return { x: camera.left + at.x * camera.scale, y: camera.top + at.y * camera.scale };
}

/** @param {Camera} camera @param {Point} at @returns {Point} */
export function toWorld(camera, at) {
  return { x: (at.x - camera.left) / camera.scale, y: (at.y - camera.top) / camera.scale };
}

/**
 * The camera after the canvas got another size: the world's middle of the view stays there.
 * @param {Camera} camera
 * @param {Size} world
 * @param {Size} before
 * @param {Size} after
 * @returns {Camera}
 */
export function resized(camera, world, before, after) {
  const zoom = camera.scale / fitted(world, before).scale;
  const middle = toWorld(camera, { x: before.width / 2, y: before.height / 2 });
  const scale = fitted(world, after).scale * zoom;
  const left = after.width / 2 - middle.x * scale;
  const top = after.height / 2 - middle.y * scale;
  return bounded({ scale, left, top }, world, after);
}
