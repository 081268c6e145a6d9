import assert from "node:assert/strict";
import { test } from "node:test";
import { makeClient, makeOpenClient } from "./makers.js";
import { event, settled } from "./stage.js";

const none = () => undefined;

/** What was asked for, without ids. */
function asked(server) {
  return server.sent("subscribe").map(({ id, type, ...rest }) => rest);
}

test("subscriptions of one moment go together, parted by mode and rate", () => {
  const { client, server, clock } = makeOpenClient();

  client.subscribe("run.a.tick", { mode: "latest", max_hz: 10 }, none);
  client.subscribe("run.a.agents", { mode: "latest", max_hz: 10 }, none);
  client.subscribe("run.a.state", {}, none);
  clock.advance(20);

  assert.deepEqual(asked(server), [
    { events: ["run.a.tick", "run.a.agents"], mode: "latest", max_hz: 10 },
    { events: ["run.a.state"], mode: "all" },
  ]);
});

test("listeners of one pattern share a subscription until the last one leaves", () => {
  const { client, server, clock } = makeOpenClient();
  const leave = [client.subscribe("t", {}, none), client.subscribe("t", {}, none)];
  clock.advance(20);

  leave[0]();
  clock.advance(20);
  const early = server.sent("unsubscribe").length;
  leave[1]();
  clock.advance(20);

  assert.equal(asked(server).length, 1);
  assert.equal(early, 0);
  assert.deepEqual(server.sent("unsubscribe").map(({ events }) => events), [["t"]]);
});

test("the most generous wish counts", () => {
  const { client, server, clock } = makeOpenClient();
  client.subscribe("t", { mode: "latest", max_hz: 2 }, none);
  clock.advance(20);

  client.subscribe("t", { mode: "all", max_hz: 5 }, none);
  clock.advance(20);

  assert.deepEqual(asked(server).at(-1), { events: ["t"], mode: "all", max_hz: 5 });
});

test("who leaves and comes back in the same moment costs no message", () => {
  const { client, server, clock } = makeOpenClient();
  const leave = client.subscribe("t", {}, none);
  clock.advance(20);
  const before = server.sent().length;

  leave();
  client.subscribe("t", {}, none);
  clock.advance(20);

  assert.equal(server.sent().length, before);
});

test("no message holds more than 32 patterns", () => {
  const { client, server, clock } = makeOpenClient();

  for (let i = 0; i < 40; i += 1) client.subscribe(`t.${i}`, {}, none);
  clock.advance(20);

  assert.deepEqual(asked(server).map(({ events }) => events.length), [32, 8]);
});

test("an event reaches the listeners whose pattern matches", () => {
  const { client, server } = makeOpenClient();
  const heard = [];
  client.subscribe("run.*.tick", {}, ({ data }) => heard.push(["tick", data]));
  client.subscribe("run.a.>", {}, ({ data }) => heard.push(["all", data]));
  client.subscribe("run.b.tick", {}, ({ data }) => heard.push(["b", data]));

  server.tell(event("run.a.tick", 1, "one"), event("run.a.belief.3", 1, "two"));

  assert.deepEqual(heard, [["tick", "one"], ["all", "one"], ["all", "two"]]);
});

test("an event that was seen before is passed over; a new epoch begins anew", () => {
  const { client, server } = makeOpenClient();
  const heard = [];
  client.subscribe("t", {}, ({ epoch, offset }) => heard.push(`${epoch}${offset}`));

  server.tell(event("t", 5), event("t", 5), event("t", 4), event("t", 6), event("t", 1, {}, "f"));

  assert.deepEqual(heard, ["e5", "e6", "f1"]);
});

test("a listener that throws harms no other, and what it threw is reported", () => {
  const reported = [];
  const { client, server } = makeOpenClient({ report: (error) => reported.push(error.message) });
  const heard = [];
  client.subscribe("t", {}, () => { throw new Error("mine"); });
  client.subscribe("t", {}, () => heard.push(1));

  server.tell(event("t", 1));

  assert.deepEqual(heard, [1]);
  assert.deepEqual(reported, ["mine"]);
});

test("after a reconnection all is subscribed again, with the last position of each topic", () => {
  const { client, server, clock } = makeOpenClient();
  client.subscribe("run.*.state", {}, none);
  client.subscribe("run.a.tick", { mode: "latest" }, none);
  clock.advance(20);
  server.tell(event("run.a.state", 3), event("run.b.state", 0), event("run.a.tick", 77), event("other", 9));
  server.close(1006);
  clock.advance(250);

  server.greet();

  assert.deepEqual(asked(server), [
    { events: ["run.*.state"], mode: "all", since: { "run.a.state": { epoch: "e", offset: 3 }, "run.b.state": { epoch: "e", offset: 0 } } },
    { events: ["run.a.tick"], mode: "latest", since: { "run.a.tick": { epoch: "e", offset: 77 } } },
  ]);
});

test("a topic that could not be recovered is told as a gap", async () => {
  const { client, server, clock } = makeOpenClient();
  const gaps = [];
  client.on("gap", ({ topic }) => gaps.push(topic));
  client.subscribe("run.>", {}, none);
  clock.advance(20);

  server.answer("subscribe", { subscriptions: [{ pattern: "run.>", topics: [
    { topic: "run.a", recovered: true }, { topic: "run.b", recovered: false }, { topic: "run.c", recovered: null },
  ] }] });
  await settled();

  assert.deepEqual(gaps, ["run.b"]);
});

test("what is subscribed while offline is asked for when the connection is there", () => {
  const { client, server, clock } = makeClient();
  client.subscribe("t", {}, none);
  clock.advance(20);

  server.greet();

  assert.deepEqual(asked(server), [{ events: ["t"], mode: "all" }]);
});

test("a subscription that is refused for now is tried again after retry_after", async () => {
  const { client, server, clock } = makeOpenClient({ pingEvery: 600_000 });
  client.subscribe("t", {}, none);
  clock.advance(20);
  server.refuse("subscribe", { code: "RATE_LIMIT_EXCEEDED", message: "", details: { retry_after: 7 }, temporary: true });
  await settled();

  clock.advance(6_999);
  const early = asked(server).length;
  clock.advance(1);

  assert.deepEqual([early, asked(server).length], [1, 2]);
});

test("of patterns refused together each is tried alone, and the bad one is told", async () => {
  const { client, server, clock } = makeOpenClient();
  const refused = [];
  client.on("refused", ({ patterns, error }) => refused.push([patterns, error.code]));
  client.subscribe("allowed", {}, none);
  client.subscribe("forbidden", {}, none);
  clock.advance(20);

  server.refuse("subscribe", { code: "PERMISSION_DENIED", message: "" });
  await settled();
  server.refuse("subscribe", { code: "PERMISSION_DENIED", message: "" });
  await settled();

  assert.deepEqual(asked(server).map(({ events }) => events), [["allowed", "forbidden"], ["allowed"], ["forbidden"]]);
  assert.deepEqual(refused, [[["forbidden"], "PERMISSION_DENIED"]]);
});
