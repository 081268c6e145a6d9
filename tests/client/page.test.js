// Rules about the page's files as a whole.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const WEB = fileURLToPath(new URL("../../web", import.meta.url));
const INDEX = readFileSync(join(WEB, "dashboard/index.html"), "utf8");
const BUDGET = 100 * 1024;

/** The modules that a module needs before it runs, itself among them. */
function needed(entry, found = new Set()) {
  const file = join(WEB, entry);
  if (found.has(entry)) return found;
  found.add(entry);
  const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [, name] of code.matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+)"/g)) {
    needed(relative(WEB, join(dirname(file), name)).split(sep).join("/"), found);
  }
  return found;
}

/** What the first screen needs: the shell and the overview. */
function firstScreen() {
  return needed("dashboard/overview.js", needed("dashboard/main.js"));
}

function ownFiles(folder) {
  return readdirSync(join(WEB, folder), { recursive: true }).map(String)
    .filter((name) => /\.(js|css|html)$/.test(name) && !/^(vendor|node_modules)/.test(name));
}

test("index.html preloads the modules of the first screen, and no others", () => {
  const listed = [...INDEX.matchAll(/rel="modulepreload" href="\/static\/\{\{ version \}\}\/([^"]+)"/g)].map(([, name]) => name);

  assert.deepEqual(listed.sort(), [...firstScreen()].sort());
});

test("the page has no inline script, style or handler", () => {
  assert.doesNotMatch(INDEX, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
});

test("no file of the page names another host", () => {
  for (const folder of ["client", "dashboard"]) {
    for (const name of ownFiles(folder)) {
      const text = readFileSync(join(WEB, folder, name), "utf8").replaceAll("http://www.w3.org/", "");
      assert.doesNotMatch(text, /https?:\/\/|wss?:\/\/[a-z]/, `${folder}/${name}`);
    }
  }
});

test("the code of the first screen fits its budget when it is compressed, comments aside", () => {
  const sizes = [...firstScreen()].map((name) => {
    const code = readFileSync(join(WEB, name), "utf8").replace(/^\s*(\/\*[\s\S]*?\*\/|\/\/.*)$/gm, "");
    return gzipSync(code, { level: 9 }).length;
  });

  assert.ok(sizes.reduce((sum, size) => sum + size) <= BUDGET);
});
