import assert from "node:assert/strict";
import { test } from "node:test";
import { makeClient, makeOpenClient, outcome } from "./makers.js";

test("a query is answered by the response with its id", async () => {
  const { client, server } = makeOpenClient();
  const [first, second] = [client.query("runs.list"), client.query("run.get", { run: "a" })];
  const [one, two] = server.sent("query");

  server.say({ type: "response", id: two.id, result: 2 });
  server.say({ type: "response", id: one.id, result: 1 });

  assert.deepEqual([await first, await second], [1, 2]);
  assert.deepEqual(two, { type: "query", query: "run.get", params: { run: "a" }, id: two.id });
});

test("an error answer rejects with its code, details and whether it is temporary", async () => {
  const { client, server } = makeOpenClient();
  const asked = outcome(client.command("run.pause", { run: "b" }));

  server.refuse("command", { code: "NOT_FOUND", message: "There is no run b.", details: { what: "run" } });

  const { error } = await asked;
  assert.equal(error.code, "NOT_FOUND");
  assert.equal(error.message, "There is no run b.");
  assert.deepEqual(error.details, { what: "run" });
  assert.equal(error.temporary, false);
});

test("a request without an answer is rejected when its time has passed", async () => {
  const { client, clock } = makeOpenClient({ timeout: 2_000, pingEvery: 60_000 });
  const asked = outcome(client.query("runs.list"));

  clock.advance(2_000);

  const { error } = await asked;
  assert.equal(error.code, "NO_ANSWER");
  assert.equal(error.temporary, true);
});

test("an answer that comes too late is passed over", async () => {
  const { client, server, clock } = makeOpenClient({ timeout: 2_000, pingEvery: 60_000 });
  const asked = outcome(client.query("runs.list"));
  clock.advance(2_000);

  server.answer("query", 1);

  assert.equal((await asked).error.code, "NO_ANSWER");
});

test("what is asked while offline waits for the connection, in order", () => {
  const { client, server } = makeClient();
  client.query("runs.list");
  client.command("run.pause", { run: "a" });
  const before = server.sent().length;

  server.greet();

  assert.equal(before, 0);
  assert.deepEqual(server.sent().filter(({ type }) => type !== "ping").map(({ type }) => type), ["query", "command"]);
});

test("the queue is bounded: what is too much is refused", async () => {
  const { client, server } = makeClient({ queue: 2 });
  client.query("a");
  client.query("b");

  const { error } = await outcome(client.query("c"));
  server.greet();

  assert.equal(error.code, "QUEUE_FULL");
  assert.deepEqual(server.sent("query").map(({ query }) => query), ["a", "b"]);
});

test("what waited too long is not sent any more", async () => {
  const { client, server, clock } = makeClient({ timeout: 1_000 });
  const asked = outcome(client.command("run.pause", { run: "a" }));
  clock.advance(1_000);

  server.greet();

  assert.equal((await asked).error.code, "NO_ANSWER");
  assert.deepEqual(server.sent("command"), []);
});

test("a query under way is asked again after a reconnection", async () => {
  const { client, server, clock } = makeOpenClient();
  const asked = client.query("runs.list");
  server.close(1006);
  clock.advance(250);
  server.greet();

  server.answer("query", "again");

  assert.equal(await asked, "again");
});

test("a command under way is not: whether it took effect is not known", async () => {
  const { client, server, clock } = makeOpenClient();
  const asked = outcome(client.command("run.step", { run: "a", ticks: 1 }));
  server.close(1006);
  clock.advance(250);

  server.greet();

  assert.equal((await asked).error.code, "CONNECTION_LOST");
  assert.deepEqual(server.sent("command"), []);
});

test("a refused connection rejects what waits, and what comes later", async () => {
  const { client, server } = makeClient();
  const waiting = outcome(client.query("runs.list"));

  server.close(1008);
  const later = outcome(client.query("runs.list"));

  assert.equal((await waiting).error.code, "NOT_CONNECTED");
  assert.equal((await later).error.code, "NOT_CONNECTED");
});

test("closing rejects what waits", async () => {
  const { client } = makeOpenClient();
  const asked = outcome(client.query("runs.list"));

  client.close();

  assert.equal((await asked).error.code, "NOT_CONNECTED");
});
