// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimated } from "../../web/dashboard/charts/decimation.js";
import { Group } from "../../web/dashboard/charts/group.js";
import { likeliest, placesOf } from "../../web/dashboard/charts/heat.js";
import { range } from "../../web/dashboard/charts/plot.js";
import { csv, fileName } from "../../web/dashboard/charts/save.js";
import { Timeline } from "../../web/dashboard/charts/timeline.js";

const wave = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => Math.sin(i / 50));

test("few points are left as they are", () => {
  const xs = [1, 2, 3];

  assert.equal(decimated(xs, [[4, 5, 6]], 100).xs, xs);
});

test("decimation keeps a lone peak and a lone trough", () => {
  const values = wave(20_000);
  values[12_345] = 9;
  values[3_210] = -9;

  const { xs, series } = decimated(values.map((_, i) => i), [values], 200);

  assert.ok(xs.length <= 2 + 200 * 2);
  assert.ok(series[0].includes(9) && series[0].includes(-9));
});

test("decimation keeps the first and the last point, and x rises", () => {
  const { xs } = decimated(wave(10_000).map((_, i) => i), [wave(10_000), wave(10_000)], 100);

  assert.equal(xs[0], 0);
  assert.equal(xs.at(-1), 9_999);
  assert.ok(xs.every((x, i) => i === 0 || x > xs[i - 1]));
});

test("a gap is still there after decimation", () => {
  /** @type {(number | null)[]} */
  const values = wave(10_000);
  values[5_000] = null;

  assert.ok(decimated(values.map((_, i) => i), [values], 100).series[0].includes(null));
});

test("live charts show the last of what any of them has; a zoom stays where it is", () => {
  const group = new Group("tick", 100);
  group.reach(1, 500);
  group.reach(300, 400);

  assert.deepEqual(group.range(), { from: 400, to: 500 });
  group.zoom.value = { from: 20, to: 40 };
  group.reach(1, 900);
  assert.deepEqual(group.range(), { from: 20, to: 40 });
});

test("a young run fills its charts", () => {
  const group = new Group("tick", 300);
  group.reach(1, 30);

  assert.deepEqual(group.range(), { from: 1, to: 30 });
});

test("a y axis begins at zero where nothing is below, and never has no height", () => {
  assert.equal(range(3, 8)[0], 0);
  assert.ok(range(-2, 5)[0] < -2);
  assert.ok(range(0, 0, 0.5)[1] >= 0.5);
  assert.deepEqual(range(null, null), [0, 1]);
});

test("in a heat map a state lasts until the next one, but not through a gap", () => {
  const timeline = new Timeline((item) => item.data);
  for (const offset of [1, 2, 6]) timeline.push({ offset, epoch: "e", data: {} });

  assert.deepEqual([...placesOf(timeline, 0, 8, 8)], [-1, 0, 1, -1, -1, -1, 2, -1]);
});

test("the likeliest state is the first of the greatest", () => {
  assert.equal(likeliest([0.2, 0.4, 0.4]), 1);
});

test("a table as CSV quotes what needs it and leaves out what is missing", () => {
  assert.equal(csv(["tick", 'a "b", c'], [[1, 2.5], [2, null]]), 'tick,"a ""b"", c"\r\n1,2.5\r\n2,\r\n');
});

test("a chart's title makes a file name", () => {
  assert.equal(fileName("Surprise & free energy"), "surprise-free-energy");
});
