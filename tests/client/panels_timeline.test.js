// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline, columns } from "../../web/dashboard/charts/timeline.js";

/** @param {number} offset @param {{skipped?: number, epoch?: string}} [more] */
const event = (offset, { skipped = 0, epoch = "e1" } = {}) => (
  { topic: "run.r.tick", epoch, offset, skipped, data: { entropy: offset / 10 } });

/** @param {number[]} offsets */
function timelineOf(offsets, most = 100) {
  const timeline = new Timeline((item) => item.data, most);
  for (const offset of offsets) timeline.push(event(offset));
  return timeline;
}

test("an event that comes twice is kept once", () => {
  const timeline = timelineOf([1, 2, 2, 1]);

  assert.deepEqual(timeline.offsets, [1, 2]);
});

test("a missing offset is a gap, a conflated one is not", () => {
  const timeline = timelineOf([1, 2, 5]);
  timeline.push(event(9, { skipped: 3 }));

  assert.deepEqual([1, 2, 3].map((place) => timeline.gapBefore(place)), [false, true, false]);
});

test("what the server remembers fills the hole", () => {
  const timeline = timelineOf([1, 5]);
  timeline.merge([2, 3, 4, 5].map((offset) => event(offset)));

  assert.deepEqual(timeline.offsets, [1, 2, 3, 4, 5]);
  assert.equal([1, 2, 3, 4].some((place) => timeline.gapBefore(place)), false);
});

test("a hole that was conflated stays none when only a part of it is filled", () => {
  const timeline = timelineOf([10]);
  timeline.push(event(20, { skipped: 9 }));
  timeline.merge([15, 16, 17, 18, 19, 20].map((offset) => event(offset)));

  assert.equal(timeline.offsets.some((_, place) => timeline.gapBefore(place)), false);
});

test("another epoch begins the timeline anew", () => {
  const timeline = timelineOf([7, 8]);
  timeline.push(event(1, { epoch: "e2" }));

  assert.deepEqual(timeline.offsets, [1]);
});

test("what is remembered of an older epoch is left aside", () => {
  const timeline = timelineOf([7, 8]);
  timeline.merge([event(100, { epoch: "e0" })]);

  assert.deepEqual(timeline.offsets, [7, 8]);
});

test("a full timeline forgets its oldest rows", () => {
  const timeline = timelineOf(Array.from({ length: 500 }, (_, i) => i), 80);

  assert.ok(timeline.rows.length <= 80);
  assert.equal(timeline.offsets.at(-1), 499);
  assert.equal(timeline.offsets.length, timeline.rows.length);
});

test("the columns of a chart hold one row more on either side, and nothing in a gap", () => {
  const timeline = timelineOf([1, 2, 3, 6, 7, 8]);

  const { xs, series } = columns(timeline, ["entropy"], 3, 7);

  assert.deepEqual(xs, [2, 3, 5.5, 6, 7]);
  assert.deepEqual(series, [[0.2, 0.3, null, 0.6, 0.7]]);
});

test("a number that is not finite is nothing", () => {
  const timeline = new Timeline((item) => item.data);
  timeline.push({ offset: 1, epoch: "e", data: { entropy: null } });
  timeline.push({ offset: 2, epoch: "e", data: { entropy: NaN } });

  assert.deepEqual(columns(timeline, ["entropy"], 0, 9).series, [[null, null]]);
});
