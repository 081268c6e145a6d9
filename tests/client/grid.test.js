// What is typed into a sweep's form becomes values, and what is wrong is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readGrid, runsOf } from "../../web/dashboard/runs/grid.js";

const FIELDS = [
  { name: "moves", type: "integer", minimum: 1, maximum: 3, default: 2 },
  { name: "validity", type: "number", minimum: 0.5, maximum: 1, default: 0.98 },
  { name: "epistemic", type: "boolean", default: true },
  { name: "selection", type: "string", enum: ["best", "sample"], default: "best" },
];

test("several values make the grid, one holds for all runs, none is the default", () => {
  const found = readGrid(FIELDS, { moves: "1, 2,3", validity: " 0.9 ", epistemic: "true,false", selection: "" });

  assert.deepEqual(found, { grid: { moves: [1, 2, 3], epistemic: [true, false] }, params: { validity: 0.9 }, wrong: {} });
  assert.equal(runsOf(found.grid, 10), 60);
});

test("a value that is not allowed, or stands there twice, is told at its field", () => {
  const { grid, wrong } = readGrid(FIELDS, { moves: "1,7", validity: "0.6,0.6", epistemic: "maybe", selection: "worst" });

  assert.deepEqual(grid, {});
  assert.deepEqual(Object.keys(wrong), ["moves", "validity", "epistemic", "selection"]);
  assert.match(wrong.moves, /^7: 1 to 3 is allowed/);
  assert.match(wrong.validity, /twice/);
});
