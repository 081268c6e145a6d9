// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { bounded, fitted, panned, resized, toScreen, toWorld, zoomed } from "../../web/dashboard/world/camera.js";
import { offset, radius, sheet, spread } from "../../web/dashboard/world/crowd.js";
import { agentOf, identityOf, rowOf } from "../../web/dashboard/world/identity.js";
import { Motion } from "../../web/dashboard/world/motion.js";
import { Painting } from "../../web/dashboard/world/painting.js";
import { NO_LEVEL, Range, levels, palette, round } from "../../web/dashboard/world/palette.js";
import { nearest } from "../../web/dashboard/world/picking.js";
import { Trail } from "../../web/dashboard/world/marker.js";

const WORLD = { width: 7, height: 5 };
const SCREEN = { width: 800, height: 600 };

test("the fitted camera shows every corner of the world", () => {
  const camera = fitted(WORLD, SCREEN);

  for (const corner of [{ x: 0, y: 0 }, { x: 7, y: 5 }]) {
    const { x, y } = toScreen(camera, corner);
    assert.ok(x >= 0 && x <= 800 && y >= 0 && y <= 600);
  }
});

test("zooming keeps the place under the pointer", () => {
  const before = zoomed(fitted(WORLD, SCREEN), 3, { x: 400, y: 300 }, WORLD, SCREEN);
  const at = { x: 420, y: 280 };

  const after = zoomed(before, 1.5, at, WORLD, SCREEN);

  const [there, then] = [toWorld(before, at), toWorld(after, at)];
  assert.ok(Math.abs(there.x - then.x) < 1e-9 && Math.abs(there.y - then.y) < 1e-9);
});

test("one cannot zoom out beyond the whole world, nor pan it away", () => {
  const whole = fitted(WORLD, SCREEN);

  assert.deepEqual(zoomed(whole, 0.1, { x: 0, y: 0 }, WORLD, SCREEN), bounded(whole, WORLD, SCREEN));
  assert.deepEqual(panned(whole, 9999, -9999, WORLD, SCREEN), bounded(whole, WORLD, SCREEN));
});

test("another size of the canvas keeps the zoom and the middle", () => {
  const camera = zoomed(fitted(WORLD, SCREEN), 4, { x: 400, y: 300 }, WORLD, SCREEN);
  const after = { width: 500, height: 700 };

  const moved = resized(camera, WORLD, SCREEN, after);

  const [there, then] = [toWorld(camera, { x: 400, y: 300 }), toWorld(moved, { x: 250, y: 350 })];
  assert.ok(Math.abs(there.x - then.x) < 1e-9 && Math.abs(there.y - then.y) < 1e-9);
});

test("agents in one cell stand apart, within it, each always at the same place", () => {
  const places = spread(new Array(200).fill(3), new Array(200).fill(2));

  const seen = new Set(Array.from({ length: 200 }, (_, i) => `${places[2 * i]} ${places[2 * i + 1]}`));
  assert.equal(seen.size, 200);
  assert.ok(places.every((at, i) => Math.floor(at) === (i % 2 ? 2 : 3)));
  assert.deepEqual(offset(17), offset(17));
});

test("agents that the scenario has spread stay where it put them", () => {
  assert.deepEqual([...spread([0, 2.25], [1, 0.75])], [0.5, 1.5, 2.75, 1.25]);
});

test("agents without a place get a cell each in reading order", () => {
  const { width, height, places } = sheet(10, 1.6);

  assert.ok(width * height >= 10);
  assert.deepEqual([...places.slice(0, 4)], [0.5, 0.5, 1.5, 0.5]);
  assert.equal(places[2 * width + 1], 1.5);
});

test("the fuller the cells may become, the smaller the agents", () => {
  assert.ok(radius(10, 35) > radius(100, 35));
  assert.ok(radius(1e6, 35) >= 0.03);
});

test("an agent glides to its new cell, from where it is seen", () => {
  const motion = new Motion();
  motion.push(Float32Array.of(0, 0), 0);
  motion.push(Float32Array.of(1, 0), 200);
  const halfway = 200 + motion.duration / 2;

  assert.deepEqual(motion.place(0, halfway), [0.5, 0]);
  motion.push(Float32Array.of(1, 1), halfway);
  assert.deepEqual(motion.place(0, halfway), [0.5, 0]);
  assert.deepEqual(motion.place(0, halfway + 5000), [1, 1]);
});

test("who is put far away does not glide there", () => {
  const motion = new Motion();
  motion.push(Float32Array.of(0, 0), 0);
  motion.push(Float32Array.of(6, 0), 100);

  assert.deepEqual(motion.place(0, 100), [6, 0]);
});

test("with little motion wanted agents jump", () => {
  const motion = new Motion({ still: true });
  motion.push(Float32Array.of(0, 0), 0);
  motion.push(Float32Array.of(1, 0), 100);

  assert.deepEqual(motion.place(0, 100), [1, 0]);
});

test("the glide takes as long as frames are apart", () => {
  const motion = new Motion();
  for (let frame = 0; frame < 30; frame += 1) motion.push(Float32Array.of(frame / 10, 0), frame * 100);

  assert.ok(Math.abs(motion.duration - 100) < 5);
});

test("the nearest agent within reach is picked, as it is seen now", () => {
  const from = Float32Array.of(0, 0, 5, 5);
  const to = Float32Array.of(2, 0, 5, 5);

  assert.equal(nearest(from, to, 0.5, 1.1, 0, 0.3), 0);
  assert.equal(nearest(from, to, 0, 1.1, 0, 0.3), -1);
});

test("the trail begins anew where another agent is picked, or the agent was put elsewhere", () => {
  const trail = new Trail();
  trail.follow(0);
  trail.push(Float32Array.of(0, 0), trail.agent);
  trail.push(Float32Array.of(1, 0), trail.agent);
  assert.equal(trail.places.length, 2);

  trail.push(Float32Array.of(6, 4), trail.agent);
  assert.deepEqual(trail.places, [[6, 4]]);
  trail.follow(1);
  assert.deepEqual(trail.places, []);
});

test("a colour range starts at zero, is round, and only grows", () => {
  const range = new Range();
  range.include([0.2, 1.37]);
  assert.deepEqual([range.low, range.high], [0, 1.5]);

  assert.equal(range.include([0.1, 0.3]), false);
  assert.equal(range.include([-2.2, 0]), true);
  assert.deepEqual([range.low, range.high], [-3, 1.5]);
});

test("round numbers are the next larger ones", () => {
  assert.deepEqual([0.83, 1, 1.2, 4.2, 68].map(round), [1, 1, 1.5, 5, 70]);
});

test("a value becomes a level, a missing one the level of none", () => {
  const range = new Range();
  range.include([0, 1]);

  assert.deepEqual([...levels([0, 1, NaN, null], "number", range)], [0, 254, NO_LEVEL, NO_LEVEL]);
  assert.deepEqual([...levels([2, -1], "category", range)], [2, NO_LEVEL]);
  assert.deepEqual([...levels([true, false], "flag", range)], [1, 0]);
});

test("neither end of the scale is swallowed by the background", () => {
  const light = (/** @type {Uint8Array} */ colors, /** @type {number} */ level) => (
    0.2126 * colors[4 * level] + 0.7152 * colors[4 * level + 1] + 0.0722 * colors[4 * level + 2]);

  assert.ok(light(palette("number", true), 0) > 45);
  assert.ok(light(palette("number", false), 254) < 225);
});

/** @param {"grid" | "none"} kind */
function makePainting(kind) {
  const column = (/** @type {string} */ name, /** @type {any} */ of) => (
    { name, title: name, unit: "", kind: of, labels: [] });
  const view = { kind, width: 7, height: 5, x: "x", y: "y", color: ["entropy", "action"], marks: [], sentence: "" };
  const columns = [column("x", "number"), column("y", "number"), column("entropy", "number"), column("action", "category")];
  return new Painting(view, columns, 3, 1.6);
}

test("a frame has a place, a level and a shape for each agent", () => {
  const painting = makePainting("grid");
  const data = { x: [0, 1, 2], y: [0, 0, 4], entropy: Float32Array.of(0, 0.5, 1), action: [0, 1, 6] };

  const byNumber = painting.frame(data, painting.variables[0], true);
  const byCategory = painting.frame(data, painting.variables[1], true);

  assert.deepEqual([...byNumber.levels], [0, 127, 254]);
  assert.deepEqual([...byNumber.shapes], [0, 0, 0]);
  assert.deepEqual([...byCategory.shapes], [0, 1, 1]);
  assert.equal(byNumber.places.length, 6);
});

test("the same look has the same palette, which renderers keep by", () => {
  const painting = makePainting("none");
  const [entropy] = painting.variables;

  const one = painting.frame({ entropy: [1, 2, 3] }, entropy, true);
  const two = painting.frame({ entropy: [3, 2, 1] }, entropy, true);

  assert.equal(one.palette, two.palette);
  assert.equal(one.places, two.places);
});

test("who stands in another row of the next frame glides from where it was", () => {
  const motion = new Motion();
  motion.push(Float32Array.of(0, 0, 5, 5), 0, [7, 8]);
  motion.push(Float32Array.of(5, 6, 1, 0), 250, [8, 7]);

  assert.deepEqual([...motion.from], [5, 5, 0, 0]);
});

test("who comes begins where it stands, and who goes leaves the others alone", () => {
  const motion = new Motion();
  motion.push(Float32Array.of(0, 0, 5, 5), 0, [7, 8]);
  motion.push(Float32Array.of(1, 0, 3, 3, 4, 4), 250, [7, 9, 10]);

  assert.deepEqual([...motion.from], [0, 0, 3, 3, 4, 4]);
});

test("an agent goes by the column that numbers them, where there is one", () => {
  assert.equal(identityOf([{ name: "x" }, { name: "number" }]), "number");
  assert.equal(identityOf([{ name: "x" }]), null);
  assert.deepEqual([rowOf(Float32Array.of(9, 4), 4), rowOf([9, 4], 5), rowOf(null, 5)], [1, -1, 5]);
  assert.deepEqual([agentOf([9, 4], 1), agentOf([9, 4], 2), agentOf(null, 2)], [4, -1, 2]);
});
