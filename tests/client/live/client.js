// The client over real sockets. Run by ../live.test.js, with a Node that has WebSocket.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Gap, connect } from "../../../web/client/index.js";
import { Serving } from "./serving.js";

const PATIENCE = { timeout: 30_000 };
/** @type {Serving} */
let serving;

before(async () => { serving = await Serving.start({ runs: ["metronome:hz=50"] }); });
after(() => serving.remove());

/** Runs `use` with a client that is closed afterwards. */
async function withStage(use, options = {}) {
  const stage = connect({ url: serving.url, backoff: { first: 50, most: 200 }, ...options });
  try {
    return await use(stage);
  } finally {
    stage.close();
  }
}

async function offsets(events, count) {
  const found = [];
  while (found.length < count) {
    const { value } = await events.next();
    found.push(value instanceof Gap ? `gap ${value.topic}` : value.offset);
  }
  return found;
}

function rising(first, count) {
  return Array.from({ length: count }, (_, i) => first + i);
}

test("a loop gets every tick once", PATIENCE, () => withStage(async (stage) => {
  const found = [];
  for await (const event of stage.subscribe("run.*.tick")) {
    found.push(event.tick);
    if (found.length === 20) break;
  }

  assert.deepEqual(found, rising(found[0], 20));
}));

test("latest counts what it leaves out", PATIENCE, () => withStage(async (stage) => {
  const events = stage.subscribe("run.*.tick", { mode: "latest", max_hz: 5 });
  const [first, second] = [(await events.next()).value, (await events.next()).value];

  assert.equal(second.offset, first.offset + second.skipped + 1);
}));

test("runs are started, steered and asked about", PATIENCE, () => withStage(async (stage) => {
  const run = await stage.start("tmaze", { agents: 5 }, 7);
  const paused = await stage.pause(run);
  const stepped = await stage.step(run, 3);
  const page = await stage.agents(run, { sort: "-entropy", limit: 2 });
  const belief = await stage.belief(run, 1);
  const told = await stage.run(run);
  const history = await stage.history(`run.${run}.tick`, { from: 1, to: stepped.tick });
  const listed = await stage.runs();
  const ended = await stage.stopRun(run);

  assert.equal(stepped.tick, paused.tick + 3);
  assert.deepEqual([page.total, page.agents.length], [5, 2]);
  assert.equal(belief.belief.context.length, 2);
  assert.deepEqual([told.seed, told.agents], [7, 5]);
  assert.deepEqual(history.map(({ offset }) => offset), rising(1, stepped.tick));
  assert.ok(listed.some((one) => one.run === run));
  assert.equal(ended.state, "finished");
  assert.ok((await stage.scenarios()).some(({ name }) => name === "foragers"));
  assert.equal((await stage.actors()).path, "/server");
}));

test("an error carries what the server said", PATIENCE, () => withStage(async (stage) => {
  await assert.rejects(stage.pause("nobody"), { code: "NOT_FOUND", temporary: false, details: { what: "run", name: "nobody" } });
}));

test("a pattern that is malformed ends the loop", PATIENCE, () => withStage(async (stage) => {
  await assert.rejects(stage.subscribe("run..tick").next(), { code: "INVALID_TOPIC" });
}));

test("a token that is not accepted ends the loop and is not tried again", PATIENCE, () => withStage(async (stage) => {
  await assert.rejects(stage.subscribe("run.*.tick").next(), { code: "AUTHENTICATION_FAILED" });
  assert.equal(stage.status.retryAt, null);
}, { url: serving.url.replace("/demo", ""), token: "no.token.this" }));

test("a server killed and started again costs no event and repeats none", PATIENCE, () => withStage(async (stage) => {
  const events = stage.subscribe("run.*.tick");
  const found = await offsets(events, 10);
  await serving.end("SIGKILL");

  serving = await Serving.start({ runs: ["metronome:hz=50"], port: serving.port, folder: serving.folder });
  found.push(...await offsets(events, 100));

  assert.deepEqual(found, rising(found[0], 110));
}));

test("a drained server is come back to without a gap", PATIENCE, () => withStage(async (stage) => {
  const announced = [];
  stage.on("broadcast", ({ topic, data }) => announced.push([topic, data.retry_after > 0]));
  const events = stage.subscribe("run.*.tick");
  const found = await offsets(events, 10);
  assert.equal(await serving.end(), 0);

  serving = await Serving.start({ runs: ["metronome:hz=50"], port: serving.port, folder: serving.folder });
  found.push(...await offsets(events, 50));

  assert.ok(announced.some(([topic, later]) => topic === "server.draining" && later));
  assert.deepEqual(found, rising(found[0], 60));
}));
