import assert from "node:assert/strict";
import { test } from "node:test";
import { found } from "../../web/dashboard/commands.js";
import { commandOf, isChangeable, kindsFor, placeAt, placeFactor } from "../../web/dashboard/panels/changes.js";
import { pageOf } from "../../web/dashboard/panels/past_page.js";
import { bothRows, columnsApart, commonNames, distanceRows, partingTold } from "../../web/dashboard/runs/compared.js";
import { Allowance } from "../../web/dashboard/time/allowance.js";
import { Frames } from "../../web/dashboard/time/frames.js";
import { marksOf, merged, nextTick, told } from "../../web/dashboard/time/markers.js";
import { Newest } from "../../web/dashboard/time/newest.js";
import { changeTold } from "../../web/dashboard/time/told.js";
import { examplesFor, put } from "../../web/dashboard/time/wording.js";
import { ManualClock, settled } from "./stage.js";

const MODEL = {
  factors: [
    { name: "place", states: ["0,0", "0,1", "1,0", "1,1"], grid: [2, 2] },
    { name: "reward", states: ["upper", "lower"], grid: null },
  ],
  modalities: [["cue", ["left", "right"]]], actions: ["stay"], policies: 1,
};
const FILLED = { kind: "observation", name: "cue", option: 1, number: "", numbers: [] };

/** A record whose reads are answered when told to. */
class FakeRecord {
  asked = [];

  query = (_name, params) => new Promise((answer, refuse) => {
    this.asked.push({ ...params, answer, refuse });
  });

  /** Answers the oldest question with the ticks it asks for, up to a last one. */
  async answer(last = Infinity) {
    const { from, to, answer } = this.asked.shift();
    const events = [];
    for (let tick = from; tick <= Math.min(to, last); tick += 1) events.push({ offset: tick, tick, data: { x: [tick] } });
    answer({ events });
    await settled();
  }
}

function makeFrames(bytes = 8 * 1024) {
  const [record, clock, failures] = [new FakeRecord(), new ManualClock(), []];
  const frames = new Frames("r", bytes, record.query, clock, (error) => failures.push(error));
  const shown = [];
  const want = async (tick) => {
    frames.want(tick, (at, data) => shown.push([at, data?.x[0] ?? null]));
    clock.advance(1000);
    await settled();
  };
  return { record, clock, frames, shown, want, failures };
}

test("the neighbours of a tick come with it, so that they are not asked for", async () => {
  const { record, shown, want } = makeFrames();
  await want(100);
  await record.answer();

  await want(101);

  assert.deepEqual(shown, [[100, 100], [101, 101]]);
  assert.equal(record.asked.length, 0);
});

test("of the ticks wanted while one is read only the last is shown after it", async () => {
  const { clock, record, shown, want } = makeFrames(1e9);
  await want(10);
  await want(20);
  await want(30);
  await record.answer();
  clock.advance(1000);
  await settled();

  assert.equal(record.asked[0].from, 30);
  await record.answer();

  assert.deepEqual(shown, [[30, 30]]);
});

test("a large frame is read alone", async () => {
  const { record, want } = makeFrames(10 * 1024 * 1024);

  await want(7);

  assert.deepEqual([record.asked[0].from, record.asked[0].to], [7, 7]);
});

test("a hole in what the server has at hand is asked for as a whole", async () => {
  const { record, shown, want } = makeFrames();
  await want(20);
  const { from, to, answer } = record.asked.shift();
  answer({ events: [from, to].map((tick) => ({ offset: tick, tick, data: { x: [tick] } })) });
  await settled();

  assert.deepEqual([record.asked[0].from, record.asked[0].to], [from + 1, to - 1]);
  await record.answer();

  assert.deepEqual(shown, [[20, 20]]);
});

test("a tick that was not recorded is told as missing", async () => {
  const { record, shown, want } = makeFrames();
  await want(500);
  await record.answer(400);
  await record.answer(400);

  assert.deepEqual(shown, [[500, null]]);
});

test("what is too often for the server is asked again when it may", async () => {
  const { clock, record, shown, want, failures } = makeFrames(1e9);
  await want(5);
  record.asked.shift().refuse({ code: "RATE_LIMIT_EXCEEDED", details: { retry_after: 3 } });
  await settled();

  clock.advance(2_900);
  await settled();
  assert.equal(record.asked.length, 0);
  clock.advance(200);
  await settled();
  await record.answer();

  assert.deepEqual(shown, [[5, 5]]);
  assert.deepEqual(failures, []);
});

test("an error is told, and what is wanted next is asked all the same", async () => {
  const clock = new ManualClock();
  const [asked, failures] = [[], []];
  const newest = new Newest(async (wish) => {
    asked.push(wish);
    if (wish === 1) throw new Error("gone");
  }, (error) => failures.push(error.message), clock);

  for (const wish of [1, 2]) {
    newest.want(wish);
    clock.advance(1000);
    await settled();
  }

  assert.deepEqual([asked, failures], [[1, 2], ["gone"]]);
});

test("a minute of dragging stays below the server's limit of messages", () => {
  const allowance = new Allowance();
  let [now, asked] = [0, 0];
  for (; now < 60_000; now += 50) {
    if (allowance.wait(now) > 0) continue;
    allowance.take(now);
    asked += 1;
  }

  assert.ok(asked > 50 && asked < 80, String(asked));
});

test("what happened has its place on the line, and what is too near shares one", () => {
  const happenings = [
    { kind: "paused", tick: 500, data: {}, key: "a" },
    { kind: "perturbation", tick: 501, data: { agent: 3, change: { reset: true } }, key: "b" },
    { kind: "restarted", tick: 1000, data: {}, key: "c" },
    { kind: "paused", tick: 5000, data: {}, key: "d" },
  ];

  const marks = marksOf(happenings, 1, 1001);

  assert.deepEqual(marks.map(({ kind, tick, count }) => [kind, tick, count]), [["perturbation", 501, 2], ["restarted", 1000, 1]]);
  assert.match(marks[0].text, /^Change at tick 501: agent 3, belief reset, and 1 more nearby$/);
  assert.equal(marks[0].at, 0.5);
});

test("the next event is the nearest one in a direction", () => {
  const happenings = [4, 9, 20].map((tick) => ({ kind: "paused", tick, data: {}, key: String(tick) }));

  assert.deepEqual([nextTick(happenings, 9, 1), nextTick(happenings, 9, -1), nextTick(happenings, 20, 1)], [20, 4, null]);
});

test("an event that is remembered and comes anew is there once", () => {
  const one = [{ kind: "paused", tick: 4, data: {}, key: "k" }];

  assert.equal(merged(one, [...one]).length, 1);
});

test("a change is told in words", () => {
  const table = [
    [{ agent: 5, change: { observation: { first_cue: "left" } }, by: "ada" }, "agent 5, next observation first cue = left, by ada"],
    [{ agent: null, change: { precision: 4 }, by: "" }, "all agents, precision 4"],
    [{ agent: 0, change: { belief: { reward: [0.5, 0.5] } } }, "agent 0, belief reward = 0.500 0.500"],
    [{ agent: 0, change: { move: "2,3" } }, "agent 0, moved to 2,3"],
    [{ agent: 4, change: { cut: 7 } }, "agent 4, edge to agent 7 cut"],
  ];

  for (const [data, expected] of table) assert.equal(changeTold(data), expected);
  assert.equal(told({ kind: "breakpoint", tick: 1200, data: { condition: "tick > 3" } }), "Breakpoint at tick 1\u202f200: tick > 3");
});

test("examples of conditions name what the run has", () => {
  const columns = (...names) => names.map((name) => ({ name, kind: "number" }));

  assert.deepEqual(examplesFor(columns("x", "entropy"), 499), ["mean(entropy) < 0.1", "tick >= 500"]);
  assert.deepEqual(examplesFor(columns("x", "y", "energy"), 500), ["any(energy) > 1", "tick >= 1000"]);
});

test("a name is put where the caret is, apart from what stands before it", () => {
  assert.deepEqual(put("", "any(x)", 0, 0), { text: "any(x)", at: 6 });
  assert.deepEqual(put("any(x) > 3", " and ", 10, 10), { text: "any(x) > 3 and ", at: 15 });
  assert.deepEqual(put("not", "tick", 3, 3), { text: "not tick", at: 8 });
  assert.deepEqual(put("a > 1", "tick", 0, 1), { text: "tick > 1", at: 4 });
});

const GRID = { kind: "grid", width: 6, height: 4 };
const BARE = { model: null, params: {}, view: GRID, columns: [{ name: "x" }] };
const MINDS = { ...BARE, model: MODEL };
const LINKED = { ...BARE, params: { network: "ring" } };

test("minds, edges and bodies can be changed; not who comes and goes, nor a replay", () => {
  const inQueues = { ...BARE, model: { ...MODEL, modalities: [] } };
  const passing = { ...BARE, columns: [{ name: "number" }] };
  const nowhere = { ...BARE, view: { kind: "none" } };
  const runs = [MINDS, LINKED, BARE, inQueues, passing, nowhere, { ...MINDS, replay: {} }];

  assert.deepEqual(runs.map(isChangeable), [true, true, true, false, false, false, false]);
  assert.deepEqual(kindsFor(LINKED).map(({ kind }) => kind), ["cut", "add"]);
  assert.deepEqual(kindsFor(BARE).map(({ kind }) => kind), ["move", "stop", "restart"]);
});

test("what a model has nothing for is not offered", () => {
  const bare = { ...MODEL, factors: [{ name: "mood", states: ["good", "bad"], grid: null }] };

  assert.ok(kindsFor(MINDS).some(({ kind }) => kind === "move"));
  assert.ok(!kindsFor({ ...MINDS, model: bare }).some(({ kind }) => kind === "move"));
  assert.ok(!kindsFor(MINDS).some(({ kind }) => kind === "cut"));
});

test("each change becomes its command", () => {
  const table = [
    [{}, { command: "agent.perturb", params: { observation: { cue: "right" } } }],
    [{ kind: "belief", name: "reward", option: 0 }, { command: "agent.perturb", params: { belief: { reward: "upper" } } }],
    [{ kind: "move", name: "place", option: 2 }, { command: "agent.perturb", params: { move: "1,0" } }],
    [{ kind: "preferences", numbers: ["2", ""] }, { command: "agent.perturb", params: { preferences: { cue: [2, 0] } } }],
    [{ kind: "precision", number: "8" }, { command: "agent.perturb", params: { precision: 8 } }],
    [{ kind: "reset" }, { command: "agent.perturb", params: { reset: true } }],
    [{ kind: "stop" }, { command: "agent.stop", params: {} }],
  ];

  for (const [part, expected] of table) assert.deepEqual(commandOf({ ...FILLED, ...part }, MINDS), expected);
  for (const part of [{ kind: "precision", number: "" }, { kind: "precision", number: "-1" }, { option: 9 }, { name: "no" }]) {
    assert.ok("wrong" in commandOf({ ...FILLED, ...part }, MINDS));
  }
  const perturb = (/** @type {object} */ params) => ({ command: "agent.perturb", params });
  assert.deepEqual(commandOf({ ...FILLED, kind: "cut", number: " 12 " }, LINKED), perturb({ cut: 12 }));
  assert.deepEqual(commandOf({ ...FILLED, kind: "move", number: "3, 2" }, BARE), perturb({ move: "3,2" }));
  for (const [kind, number, run] of [["add", "-1", LINKED], ["add", "", LINKED], ["move", "3", BARE], ["move", "a,1", BARE]]) {
    assert.ok("wrong" in commandOf({ ...FILLED, kind, number }, run));
  }
});

test("a cell of the world is a place of the grid, or what a mark there is called", () => {
  const factor = placeFactor(MODEL);
  const view = { marks: [{ x: 1, y: 0, label: "lower", kind: "cue" }] };

  assert.deepEqual([placeAt({ view }, factor, 1, 1), placeAt({ view }, factor, 2, 0)], [3, -1]);
  assert.deepEqual([placeAt({ view }, MODEL.factors[1], 1, 0), placeAt({ view }, MODEL.factors[1], 0, 0)], [1, -1]);
});

test("a page of the past is sorted and cut as the server does it", () => {
  const page = pageOf({ tick: 9, data: { x: [3, 1, 2] } }, { offset: 0, limit: 2, sort: "-x" });

  assert.deepEqual(page, { agents: [{ agent: 0, x: 3 }, { agent: 2, x: 2 }], total: 3, tick: 9 });
});

test("distances told at every tenth tick are one line, not points with gaps", () => {
  const rows = distanceRows([{ tick: 10, columns: { x: 0 } }, { tick: 20, columns: { x: 1 } }]);

  assert.equal(rows.gapBefore(1), false);
  assert.deepEqual(columnsApart([{ tick: 1, columns: { x: 0, y: 2 } }]), ["y"]);
});

test("two runs' figures are joined by their tick", () => {
  const one = [{ offset: 1, data: { e: 1, hash: "a" } }, { offset: 2, data: { e: 2 } }];
  const two = [{ offset: 2, data: { e: 3, own: 1 } }];

  assert.deepEqual(bothRows(one, two).rows, [{ "a.e": 1 }, { "a.e": 2, "b.e": 3, "b.own": 1 }]);
  assert.deepEqual(commonNames(one, two), ["e"]);
});

test("where two runs part is told in a sentence", () => {
  const difference = { runs: ["a", "b"], first: 1, last: 9, lengths: [9, 9], distances: [] };

  assert.equal(partingTold({ ...difference, tick: null, parting: null }, String), "They are the same from tick 1 to 9, which both have.");
  assert.equal(
    partingTold({ ...difference, tick: 4, parting: { tick: 5, agent: 2, variable: "x", one: 1, two: 2 } }, String),
    "They part at tick 4. First “x” of agent 2 at tick 5: 1 in a, 2 in b.");
});

test("commands are found by words in any order, those that begin so first", () => {
  const commands = ["Back to live", "Live charts", "Fork"].map((text) => ({ text, act: () => undefined }));

  assert.deepEqual(found(commands, "live").map(({ text }) => text), ["Live charts", "Back to live"]);
  assert.deepEqual(found(commands, "to back").map(({ text }) => text), ["Back to live"]);
});
