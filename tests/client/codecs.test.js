import assert from "node:assert/strict";
import { test } from "node:test";
import { codecs } from "../../web/client/index.js";
import { decode, encode } from "../../web/dashboard/vendor/msgpack/msgpack.js";

const messagePack = codecs.messagePack({ encode, decode });

/** A MessagePack frame as a socket hands it over. */
function frame(value) {
  return encode(value).slice().buffer;
}

test("both codecs give back what they were given", () => {
  const message = { type: "query", query: "run.get", params: { run: "a", deep: [1, null, "x"] }, id: "1" };

  const texts = codecs.json.decode(codecs.json.encode(message));
  const bytes = messagePack.decode(frame(message));

  assert.deepEqual(texts, message);
  assert.deepEqual(bytes, message);
});

test("packed floats become a Float32Array wherever they are", () => {
  const packed = { f32: new Uint8Array(new Float32Array([0.5, NaN, -2]).buffer), shape: [3] };

  const { events } = messagePack.decode(frame({ type: "event", events: [{ data: { columns: { x: packed } } }] }));

  assert.ok(events[0].data.columns.x instanceof Float32Array);
  assert.deepEqual([...events[0].data.columns.x], [0.5, NaN, -2]);
});

test("floats that stand at an odd place in the frame are read all the same", () => {
  const floats = { f32: new Uint8Array(new Float32Array([1.25]).buffer), shape: [1] };
  const read = ["", "a", "ab", "abc"].map((text) => messagePack.decode(frame({ type: text, x: floats })).x[0]);

  assert.deepEqual(read, [1.25, 1.25, 1.25, 1.25]);
});

test("floats of more than one dimension bear their shape", () => {
  const packed = { f32: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer), shape: [2, 2] };

  const { table } = messagePack.decode(frame({ type: "x", table: packed }));

  assert.deepEqual(table.shape, [2, 2]);
});

test("a client of MessagePack reads text frames too", () => {
  assert.deepEqual(messagePack.decode('{"type":"pong"}'), { type: "pong" });
});
