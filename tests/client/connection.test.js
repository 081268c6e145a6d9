import assert from "node:assert/strict";
import { test } from "node:test";
import { makeClient, makeOpenClient } from "./makers.js";

test("a client is connecting until the server has greeted", () => {
  const { client, server } = makeClient();
  const before = client.status.state;
  server.last.onopen?.({});
  const opened = client.status.state;

  server.greet();

  assert.deepEqual([before, opened, client.status.state], ["CONNECTING", "CONNECTING", "OPEN"]);
});

test("the greeting is handed to who asked for it", () => {
  const { client, server } = makeClient();
  const greetings = [];
  client.on("established", (greeting) => greetings.push(greeting.client_id));

  server.greet({ client_id: "c7" });

  assert.deepEqual(greetings, ["c7"]);
});

test("a handler that was taken off hears nothing more", () => {
  const { client, server } = makeClient();
  const heard = [];
  const handler = () => heard.push(1);
  client.on("established", handler);
  client.off("established", handler);

  server.greet();

  assert.deepEqual(heard, []);
});

test("a lost connection comes back by itself after the backoff", () => {
  const { client, server, clock } = makeOpenClient();

  server.close(1006);
  const waiting = client.status;
  clock.advance(249);
  const early = server.sockets.length;
  clock.advance(1);
  server.greet();

  assert.equal(waiting.state, "CLOSED");
  assert.equal(waiting.retryAt, 250);
  assert.equal(early, 1);
  assert.equal(client.status.state, "OPEN");
});

test("waits grow with each failed attempt up to the most", () => {
  const { client, server, clock } = makeClient({ backoff: { first: 100, factor: 10, most: 5_000 } });
  const waits = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    server.close(1006);
    waits.push(client.status.retryAt - clock.now());
    clock.advance(waits.at(-1));
  }

  assert.deepEqual(waits, [50, 500, 2_500, 2_500]);
});

test("the jitter is full: anywhere between nothing and the ceiling", () => {
  const waits = [0, 0.999].map((random) => {
    const { client, server } = makeClient({ random: () => random });
    server.close(1006);
    return client.status.retryAt;
  });

  assert.deepEqual(waits, [0, 499.5]);
});

test("a connection that held makes the next wait short again", () => {
  const { client, server, clock } = makeClient();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    server.close(1006);
    clock.advance(client.status.retryAt - clock.now());
  }
  server.greet();
  clock.advance(5_000);

  server.close(1006);

  assert.equal(client.status.retryAt - clock.now(), 250);
});

test("a connection that was closed at once counts as a failed attempt", () => {
  const { client, server, clock } = makeOpenClient();
  server.close(1011);
  clock.advance(250);
  server.greet();

  server.close(1011);

  assert.equal(client.status.retryAt - clock.now(), 500);
});

test("a refusal is not tried again, and says why", () => {
  const { client, server, clock } = makeClient();
  server.say({ type: "error", code: "AUTHENTICATION_FAILED", message: "The token was not accepted.", details: {}, temporary: false });

  server.close(1008);
  clock.advance(3_600_000);

  assert.equal(server.sockets.length, 1);
  assert.equal(client.status.retryAt, null);
  assert.equal(client.status.reason, "The token was not accepted.");
  assert.equal(client.status.error?.code, "AUTHENTICATION_FAILED");
});

test("a new token opens a refused connection", async () => {
  const { client, server } = makeClient({ token: "old" });
  server.close(1008);

  await client.setToken("new");

  assert.deepEqual(server.last.protocols, ["stagewatch.v1.json", "bearer.new"]);
});

test("a token function that has another token by then is tried with it", () => {
  let token = "old";
  const { server, clock } = makeClient({ token: () => token });
  token = "new";

  server.close(1008);
  clock.advance(1_000);

  assert.deepEqual(server.sockets.map(({ protocols }) => protocols[1]), ["bearer.old", "bearer.new"]);
});

test("a temporary refusal is tried again when its time has come", () => {
  const { client, server } = makeOpenClient();
  server.say({ type: "error", code: "RATE_LIMIT_EXCEEDED", message: "Too much.", details: { retry_after: 45 }, temporary: true });

  server.close(1008);

  assert.equal(client.status.retryAt, 45_250);
});

test("an old error is not taken for the cause of a close", () => {
  const { client, server, clock } = makeOpenClient();
  server.say({ type: "error", code: "RATE_LIMIT_EXCEEDED", message: "Too much.", details: { retry_after: 45 }, temporary: true });
  clock.advance(6_000);

  server.close(1013);

  assert.equal(client.status.error, null);
  assert.equal(client.status.retryAt - clock.now(), 5_250);
});

test("an error before a plain loss is not taken for its cause", () => {
  const { client, server } = makeOpenClient();
  server.say({ type: "error", code: "NOT_FOUND", message: "There is no run b.", details: {}, temporary: false });

  server.close(1006);

  assert.equal(client.status.reason, "The connection was lost.");
});

test("a full server is left in peace for a while", () => {
  const { client, server } = makeClient();

  server.close(1013);

  assert.equal(client.status.retryAt, 5_250);
});

test("a draining server is come back to after its retry_after, spread", () => {
  const { client, server } = makeOpenClient();
  server.say({ type: "broadcast", topic: "server.draining", data: { retry_after: 3 } });

  server.close(1001);

  assert.equal(client.status.retryAt, 3_250);
});

test("the next attempt can be brought forward", () => {
  const { client, server } = makeOpenClient();
  server.close(1013);

  client.retryNow();

  assert.equal(server.sockets.length, 2);
});

test("bringing forward does nothing where no attempt is waited for", () => {
  const { client, server } = makeOpenClient();
  client.close();

  client.retryNow();

  assert.equal(server.sockets.length, 1);
  assert.equal(server.last.closed, 1000);
  assert.equal(client.status.state, "CLOSED");
});

test("a server that does not greet in time is given up and tried again", () => {
  const { client, server, clock } = makeClient({ openTimeout: 4_000 });

  clock.advance(4_000);
  const { reason } = client.status;
  clock.advance(500);

  assert.equal(reason, "The server does not answer.");
  assert.equal(server.sockets.length, 2);
});

test("an address that cannot be is told and not tried again", () => {
  const socket = () => { throw new SyntaxError("The URL is malformed."); };

  const { client } = makeClient({ socket });

  assert.equal(client.status.state, "CLOSED");
  assert.equal(client.status.retryAt, null);
  assert.equal(client.status.reason, "The URL is malformed.");
});

test("the round trip is measured by pings", () => {
  const { client, server, clock } = makeOpenClient();
  const trips = [];
  client.on("roundtrip", (milliseconds) => trips.push(milliseconds));
  clock.advance(1_000);
  clock.advance(12);

  server.say({ type: "pong", id: server.sent("ping").at(-1).id });

  assert.deepEqual(trips, [12]);
});

test("a silent server is left for another attempt", () => {
  const { client, clock } = makeOpenClient({ pingEvery: 10_000 });

  clock.advance(11_000);

  assert.equal(client.status.state, "CLOSED");
  assert.equal(client.status.reason, "The server has gone silent.");
});

test("any message is a sign of life", () => {
  const { client, server, clock } = makeOpenClient({ pingEvery: 10_000 });
  clock.advance(10_000);
  server.tell({ topic: "run.a.tick", epoch: "e", offset: 1, data: {} });

  clock.advance(1_000);

  assert.equal(client.status.state, "OPEN");
  assert.equal(server.sent("ping").length, 2);
});

test("a frame that cannot be read ends the connection, and it is tried again", () => {
  const { client, server } = makeOpenClient();

  server.last.onmessage({ data: "{" });

  assert.equal(client.status.state, "CLOSED");
  assert.notEqual(client.status.retryAt, null);
});

test("a token that ends soon is replaced where there is another", async () => {
  let token = "one";
  const { server } = makeOpenClient({ token: () => token });
  token = "two";

  server.tell({ topic: "connection.expiring", epoch: "", offset: 0, data: { seconds: 30 } });

  assert.deepEqual(server.sent("command").map(({ command, params }) => [command, params]), [["auth.refresh", { token: "two" }]]);
});

test("a token that ends soon is announced where there is no other", () => {
  const { client, server } = makeOpenClient({ token: "one" });
  const warnings = [];
  client.on("expiring", (data) => warnings.push(data));

  server.tell({ topic: "connection.expiring", epoch: "", offset: 0, data: { seconds: 30 } });

  assert.deepEqual(warnings, [{ seconds: 30 }]);
});
