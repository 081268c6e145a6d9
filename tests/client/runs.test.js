import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../web/dashboard/pace.js";
import { blamed, boundsOf, fieldsOf, initial, read, readField } from "../../web/dashboard/runs/fields.js";
import { nearest, speeds, told } from "../../web/dashboard/speeds.js";

const AGENTS = { name: "agents", type: "integer", default: 100, minimum: 1, maximum: 1000 };

test("a form begins with the defaults", () => {
  const fields = fieldsOf({ properties: {
    agents: { type: "integer", default: 100 }, learn: { type: "boolean", default: true }, name: { type: "string" },
  } });

  assert.deepEqual(initial(fields), { agents: "100", learn: true, name: "" });
});

test("only what differs from the defaults is sent", () => {
  const fields = [AGENTS, { name: "learn", type: "boolean", default: false }];

  assert.deepEqual(read(fields, { agents: "100", learn: true }), { params: { learn: true }, wrong: {} });
});

test("each kind of parameter is read as what it is", () => {
  const table = [
    [{ ...AGENTS }, " 12 ", { value: 12 }],
    [{ name: "x", type: "number" }, "1e-3", { value: 0.001 }],
    [{ name: "x", type: "string" }, "as it is ", { value: "as it is " }],
    [{ name: "x", type: "string", enum: ["a", "b"] }, "b", { value: "b" }],
    [{ name: "x", type: "integer", enum: [1, 2] }, "2", { value: 2 }],
    [{ name: "x", type: "boolean" }, false, { value: false }],
    [{ ...AGENTS }, "", {}],
  ];

  for (const [field, typed, expected] of table) assert.deepEqual(readField(field, typed), expected);
});

test("what is no number, not whole or out of bounds is told at its field", () => {
  const said = ["many", "1.5", "0", "1001", "Infinity"].map((typed) => readField(AGENTS, typed).error);

  assert.deepEqual(said, [
    "A whole number is needed.", "A whole number is needed.",
    "1 to 1000 is allowed.", "1 to 1000 is allowed.", "A whole number is needed.",
  ]);
});

test("a choice that does not exist is refused", () => {
  const { error } = readField({ name: "x", type: "string", enum: ["a", "b"] }, "c");

  assert.equal(error, "Choose one of a, b.");
});

test("bounds are told in words", () => {
  const words = [{ minimum: 1, maximum: 9 }, { minimum: 0 }, { maximum: 1 }, {}].map((bounds) =>
    boundsOf({ name: "x", type: "number", ...bounds }));

  assert.deepEqual(words, ["1 to 9", "0 or more", "1 at most", ""]);
});

test("a server's error finds its field by the path or the parameter", () => {
  const names = ["agents", "seed"];
  const table = [
    [{ path: "$.params.params.agents" }, "agents"], [{ path: "$.params.seed" }, "seed"],
    [{ parameter: "agents" }, "agents"], [{ path: "$.params.other" }, null], [undefined, null],
  ];

  for (const [details, expected] of table) assert.equal(blamed({ message: "", details }, names), expected);
});

test("speeds lie around the scenario's own rate, which is 1×; the last has no bound", () => {
  const steps = speeds(4);

  assert.deepEqual(steps.find(({ factor }) => factor === 1), { hz: 4, factor: 1 });
  assert.deepEqual(steps.at(-1), { hz: 0, factor: null });
  assert.deepEqual([told(steps[0]), told(steps.at(-1))], ["0.1× · 0.4/s", "Max"]);
});

test("a rate snaps to the step that is nearest by ratio; none is the last", () => {
  const steps = speeds(10);
  const snapped = [10, 11, 13, 15, 0].map((hz) => steps[nearest(steps, hz)].hz);

  assert.deepEqual(snapped, [10, 10, 10, 20, 0]);
});

test("the pace is told by tick numbers, so that left out ticks count", () => {
  const pace = new Pace();

  const told = [[0, 0], [5, 500], [10, 1_000], [40, 4_000]].map(([tick, at]) => pace.take(tick, at));

  assert.deepEqual(told, [null, 10, 10, 10]);
});

test("a run that begins anew has no pace yet", () => {
  const pace = new Pace();
  pace.take(100, 0);
  pace.take(110, 1_000);

  assert.equal(pace.take(1, 1_100), null);
});
