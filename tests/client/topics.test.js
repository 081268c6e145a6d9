import assert from "node:assert/strict";
import { test } from "node:test";
import { endpoint, matches, shared } from "../../web/client/index.js";
import { FakeServer, ManualClock } from "./stage.js";

const PAGE = { href: "https://lab.example/watch?x=1#y" };

test("patterns match as the protocol says", () => {
  const table = [
    ["run.a.tick", "run.a.tick", true], ["run.*.tick", "run.a.tick", true], ["run.*", "run.a.tick", false],
    ["run.>", "run.a.tick", true], ["run.>", "run", false], [">", "run", true], ["*", "run.a", false],
    ["run.a.tick.x", "run.a.tick", false], ["run.a.>", "run.a", false],
  ];

  for (const [pattern, topic, expected] of table) assert.equal(matches(pattern, topic), expected, `${pattern} ${topic}`);
});

test("an empty setting is the demo endpoint of the page's host", () => {
  assert.equal(endpoint("", PAGE), "wss://lab.example/api/v1/ws/demo");
  assert.equal(endpoint(undefined, { href: "http://127.0.0.1:8000/" }), "ws://127.0.0.1:8000/api/v1/ws/demo");
});

test("with a token it is the general endpoint", () => {
  assert.equal(endpoint("", PAGE, { token: true }), "wss://lab.example/api/v1/ws");
});

test("a setting may be an address, one of http, or a path", () => {
  assert.equal(endpoint("ws://other:9/x", PAGE), "ws://other:9/x");
  assert.equal(endpoint("http://other:9/x", PAGE), "ws://other:9/x");
  assert.equal(endpoint("/ws", PAGE), "wss://lab.example/ws");
});

test("components that ask for the same address share one client until it is closed", () => {
  const server = new FakeServer();
  const options = { url: "ws://shared/", socket: server.maker, clock: new ManualClock() };
  const [one, two] = [shared(options), shared(options)];
  one.close();

  const three = shared(options);

  assert.equal(one, two);
  assert.notEqual(one, three);
  assert.equal(server.sockets.length, 2);
});
