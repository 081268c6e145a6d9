// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, chance, duration, grouped, number, numbers, short, valueOf } from "../../web/dashboard/panels/format.js";
import { described, figures, flat } from "../../web/dashboard/panels/measures.js";
import { reachOf } from "../../web/dashboard/panels/policies.js";
import { merged, newestFirst } from "../../web/dashboard/panels/recent.js";
import { shownActors, shownOutcomes, shownStates } from "../../web/dashboard/panels/shown.js";
import { columnsOf, readFrame } from "../../web/dashboard/panels/still_frame.js";

test("numbers are read at a glance, and what is none is a dash", () => {
  assert.deepEqual([0.12345, 12.3456, 123.456, 7, -1.5, 12_345].map(number),
    ["0.123", "12.35", "123.5", "7", "−1.500", "12\u202f345"]);
  assert.deepEqual([null, NaN, undefined].map(number), ["–", "–", "–"]);
  assert.equal(number(0.00001), "1.0e−5");
});

test("large numbers, bytes and times have their units", () => {
  assert.deepEqual([999, 1500, 2_500_000].map(short), ["999", "1.5k", "2.5M"]);
  assert.deepEqual([512, 2048, 3 * 2 ** 30].map(bytes), ["512 B", "2 KiB", "3 GiB"]);
  assert.deepEqual([0, 2.5e-6, 0.012, 3, 200].map(duration), ["0", "2.5 µs", "12 ms", "3 s", "3 min 20 s"]);
  assert.equal(grouped(1_234_567), "1\u202f234\u202f567");
});

test("a small probability is not shown as none", () => {
  assert.deepEqual([0, 0.0001, 0.25, 1].map(chance), ["0.000", "<0.001", "0.250", "1.000"]);
});

test("a column's value is shown by its kind", () => {
  assert.equal(valueOf(1, { kind: "category", labels: ["up", "down"] }), "down");
  assert.equal(valueOf(7, { kind: "category", labels: ["up"] }), "7");
  assert.equal(valueOf(1, { kind: "flag" }), "yes");
  assert.equal(valueOf(null, { kind: "number" }), "–");
});

test("numbers come as a list, as a typed array or packed", () => {
  const packed = { f32: new Uint8Array(Float32Array.of(0.5, 2).buffer), shape: [2] };

  assert.deepEqual([...(numbers([1, 2]) ?? [])], [1, 2]);
  assert.deepEqual([...(numbers(Float32Array.of(1, 2)) ?? [])], [1, 2]);
  assert.deepEqual([...(numbers(packed) ?? [])], [0.5, 2]);
  assert.equal(numbers(undefined), null);
});

test("a tick's measures become charts: what every mind has, and what only the scenario knows", () => {
  const titles = described(["entropy", "entropy_p05", "surprise", "solved", "reward"]).map(({ title }) => title);

  assert.deepEqual(titles, ["Entropy of beliefs", "Surprise and free energy", "Solved", "Reward"]);
});

test("a measure that is not there has no line", () => {
  const [chart] = described(["entropy"]);

  assert.deepEqual(chart.series.map(({ name }) => name), ["entropy"]);
});

test("the hash of a tick is no measure", () => {
  assert.deepEqual(figures({ entropy: 1, hash: "ab", reward: null }), { entropy: 1, reward: null });
});

test("the machine's figures are found by their path", () => {
  assert.deepEqual(flat({ cpu: { process: 3 }, threads: 4, name: "x" }), { "cpu.process": 3, threads: 4 });
});

test("remembered and new actions are one list, each tick once", () => {
  const acts = merged([{ tick: 3 }, { tick: 4, action: "old" }], [{ tick: 4, action: "new" }, { tick: 5 }]);

  assert.deepEqual(acts.map(({ tick }) => tick), [3, 4, 5]);
  assert.equal(acts[1].action, "new");
});

test("the feed has the newest first, and of an older epoch nothing", () => {
  const old = { epoch: "e1", offset: 9, data: {} };
  const now = [1, 2].map((offset) => ({ epoch: "e2", offset, data: {} }));

  assert.deepEqual(newestFirst(now, [old]).map(({ offset }) => offset), [2, 1]);
});

/** @param {string} path @param {any[]} [children] */
const actor = (path, children = []) => (
  { path, class: "Actor", state: "running", mailbox: { depth: 0, high_water: 0, dropped: 0 }, handled: 0, restarts: 0, last_error: null, children });

test("a node with many children begins closed, and what was opened by hand stays open", () => {
  const many = actor("/many", Array.from({ length: 30 }, (_, i) => actor(`/many/${i}`)));
  const root = actor("/", [actor("/a", [actor("/a/b")]), many]);

  assert.deepEqual(shownActors(root, new Map()).map((shown) => shown.actor.path), ["/", "/a", "/a/b", "/many"]);
  assert.equal(shownActors(root, new Map([["/many", true]])).length, 34);
  assert.equal(shownActors(root, new Map([["/", false]])).length, 1);
});

test("of many states the likeliest are shown, of few all in their order", () => {
  const many = Array.from({ length: 40 }, (_, i) => i / 1000);

  assert.deepEqual(shownStates([0.1, 0.9]), [0, 1]);
  assert.equal(shownStates(many)[0], 39);
});

test("the outcome that was observed is always shown", () => {
  const predicted = Array.from({ length: 20 }, (_, i) => 20 - i);

  assert.ok(shownOutcomes(predicted, 19).includes(19));
  assert.equal(shownOutcomes(predicted, 19).length, 8);
});

test("of many outcomes those that could hardly have been are left out", () => {
  const predicted = Array.from({ length: 20 }, (_, i) => (i === 4 ? 1 : 0));

  assert.deepEqual(shownOutcomes(predicted, 7), [4, 7]);
});

test("the bars of policies are as long as the largest part allows", () => {
  const policy = { actions: [], probability: 1, G: 0, epistemic: 0.5, pragmatic: -2 };

  assert.equal(reachOf([policy]), 2);
  assert.ok(reachOf([]) > 0);
});

test("rows of the table become columns", () => {
  assert.deepEqual(columnsOf([{ agent: "0", x: 1 }, { agent: "1", x: 2 }]), { x: [1, 2] });
  assert.equal(columnsOf([]), null);
});

test("a run that stands still is read from its table, page by page", async () => {
  /** @type {any[]} */
  const asked = [];
  const query = async (/** @type {string} */ name, /** @type {any} */ params) => {
    asked.push([name, params.offset]);
    if (name === "history") return { events: [] };
    return { agents: [{ agent: String(params.offset), x: params.offset }] };
  };

  const data = await readFrame(query, { run: "r", agents: 700 });

  assert.deepEqual(asked, [["history", undefined], ["run.agents", 0], ["run.agents", 500]]);
  assert.deepEqual(data, { x: [0, 500] });
});

test("a population too large for the message limits is not read from its table", async () => {
  const query = async () => ({ events: [] });

  assert.equal(await readFrame(query, { run: "r", agents: 10_000 }), null);
});
