import assert from "node:assert/strict";
import { test } from "node:test";
import { Gap } from "../../web/client/index.js";
import { makeClient, makeOpenClient, outcome } from "./makers.js";
import { event, settled } from "./stage.js";

/** An iteration that the server has taken; `places` are where the topics stand. */
function begun(pattern, options = {}, places = [], made = makeOpenClient()) {
  const events = made.client.subscribe(pattern, options);
  made.clock.advance(20);
  made.server.answer("subscribe", { subscriptions: [{ pattern, topics: places }] });
  return settled().then(() => ({ ...made, events }));
}

/** The next items, events by their offset. */
async function taken(events, count) {
  const found = [];
  while (found.length < count) {
    const { value } = await events.next();
    found.push(value instanceof Gap ? `gap ${value.topic}` : value.offset);
  }
  return found;
}

test("a loop gets each event once", async () => {
  const { events, server } = await begun("run.*.tick");
  server.tell(event("run.a.tick", 1), event("run.a.tick", 1), event("run.a.state", 1), event("run.a.tick", 2));
  const found = [];

  for await (const { offset } of events) {
    found.push(offset);
    if (offset === 2) break;
  }

  assert.deepEqual(found, [1, 2]);
});

test("a loop that is left unsubscribes", async () => {
  const { events, server, clock } = await begun("t");
  server.tell(event("t", 1));

  for await (const _ of events) break;
  clock.advance(20);

  assert.deepEqual(server.sent("unsubscribe").map(({ events: patterns }) => patterns), [["t"]]);
});

test("an event of two of its patterns comes once", async () => {
  const { events, server } = await begun(["run.a.*", "run.*.tick"]);

  server.tell(event("run.a.tick", 1), event("run.a.tick", 2));

  assert.deepEqual(await taken(events, 2), [1, 2]);
});

test("a hole in the offsets is a gap, and so is a new epoch", async () => {
  const { events, server } = await begun("t");

  server.tell(event("t", 1), event("t", 3), event("t", 1, {}, "f"));

  assert.deepEqual(await taken(events, 5), [1, "gap t", 3, "gap t", 1]);
});

test("what cannot be recovered is a gap", async () => {
  const { events, server, clock } = await begun("t");
  server.tell(event("t", 1));
  server.close(1006);
  clock.advance(250);
  server.greet();

  server.answer("subscribe", { subscriptions: [{ topics: [{ topic: "t", epoch: "f", offset: 8, recovered: false }] }] });
  await settled();
  const found = await taken(events, 2);
  server.tell(event("t", 9, {}, "f"));

  assert.deepEqual([...found, ...await taken(events, 1)], [1, "gap t", 9]);
});

test("a topic that began while the connection was away has a gap", async () => {
  const { events, server, clock } = await begun("*", {}, [{ topic: "t", epoch: "e", offset: 4, recovered: null }]);
  server.close(1006);
  clock.advance(250);
  server.greet();

  server.answer("subscribe", { subscriptions: [{ topics: [
    { topic: "t", epoch: "e", offset: 4, recovered: true }, { topic: "u", epoch: "e", offset: 2, recovered: null },
  ] }] });
  await settled();
  server.tell(event("u", 3));

  assert.deepEqual(await taken(events, 2), ["gap u", 3]);
});

test("what is recovered follows on what was there", async () => {
  const { events, server, clock } = await begun("t");
  server.tell(event("t", 1));
  server.close(1006);
  clock.advance(250);
  server.greet();

  server.answer("subscribe", { subscriptions: [{ topics: [{ topic: "t", epoch: "e", offset: 3, recovered: true }] }] });
  await settled();
  server.tell(event("t", 2), event("t", 3));

  assert.deepEqual(await taken(events, 3), [1, 2, 3]);
});

test("a topic of which nothing came yet is asked for from where it stood", async () => {
  const { server, clock } = await begun("t", {}, [{ topic: "t", epoch: "e", offset: 41, recovered: null }]);
  server.close(1006);
  clock.advance(250);

  server.greet();

  assert.deepEqual(server.sent("subscribe")[0].since, { t: { epoch: "e", offset: 41 } });
});

test("after a reconnection all is asked for before the newest of the same topics", async () => {
  const { client, server, clock } = await begun("run.*.tick", { mode: "latest" });
  client.subscribe("run.a.tick", { mode: "all" });
  clock.advance(20);
  server.close(1006);
  clock.advance(250);

  server.greet();

  assert.deepEqual(server.sent("subscribe").map(({ mode }) => mode), ["all", "latest"]);
});

test("latest keeps the newest of a topic and adds up what was left out", async () => {
  const { events, server } = await begun("*", { mode: "latest" });

  server.tell(event("t", 1), { ...event("t", 5), skipped: 3 }, event("u", 1), event("t", 6));

  const found = [(await events.next()).value, (await events.next()).value];
  assert.deepEqual(found.map(({ topic, offset, skipped }) => [topic, offset, skipped]), [["u", 1, undefined], ["t", 6, 5]]);
});

test("who does not keep up with all gets what waits, then an error that says where it stopped", async () => {
  const { events, server } = await begun("t", { queue: 2 });
  server.tell(event("t", 1), event("t", 2), event("t", 3));

  const found = await taken(events, 2);
  const { error } = await outcome(events.next());

  assert.deepEqual(found, [1, 2]);
  assert.equal(error.code, "SLOW_CONSUMER");
  assert.deepEqual(error.details, { limit: 2, topics: { t: { epoch: "e", offset: 2 } } });
});

test("who shares a pattern begins at once", async () => {
  const { client, server, clock } = await begun("t");
  const second = client.subscribe("t");
  clock.advance(20);

  server.tell(event("t", 1));

  assert.deepEqual(await taken(second, 1), [1]);
});

test("a refused pattern ends the loop with the error", async () => {
  const { client, server, clock } = makeOpenClient();
  const events = client.subscribe("secret");
  clock.advance(20);

  server.refuse("subscribe", { code: "PERMISSION_DENIED", message: "No." });

  assert.equal((await outcome(events.next())).error.code, "PERMISSION_DENIED");
});

test("a refusal of the connection ends the loop with the server's error", async () => {
  const { client, server } = makeClient();
  const events = client.subscribe("t");
  server.say({ type: "error", code: "TOKEN_EXPIRED", message: "Over.", details: {}, temporary: false });

  server.close(1008);

  assert.equal((await outcome(events.next())).error.code, "TOKEN_EXPIRED");
  assert.equal((await outcome(client.subscribe("t").next())).error.code, "TOKEN_EXPIRED");
});

test("closing the client ends the loop", async () => {
  const { client, events } = await begun("t");
  const waiting = events.next();

  client.close();

  assert.deepEqual(await waiting, { done: true, value: undefined });
});
