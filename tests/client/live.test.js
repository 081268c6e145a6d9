// Node 20 has WebSocket behind a flag: what needs a real one runs in a Node of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

/** What a test file printed, and its exit status. */
async function runTests(file) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const path = new URL(file, import.meta.url).pathname;
  const node = spawn(process.execPath, ["--experimental-websocket", "--no-warnings", path], { env });
  let printed = "";
  for (const stream of [node.stdout, node.stderr]) stream.on("data", (data) => { printed += data; });
  const [status] = await once(node, "close");
  return { status, printed };
}

for (const file of ["live/client.js"]) {
  test(`${file} passes against a real server`, { timeout: 120_000 }, async () => {
    const { status, printed } = await runTests(file);

    assert.equal(status, 0, printed);
    assert.match(printed, /# pass [1-9]/);
  });
}
