// A real server with its workers, for tests under Node.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = new URL("../../../", import.meta.url).pathname;
const READY = /ready at http:\/\/127\.0\.0\.1:(\d+) /;

export class Serving {
  #process;

  constructor(process, port, folder) {
    this.#process = process;
    this.port = port;
    this.folder = folder;
    this.url = `ws://127.0.0.1:${port}/api/v1/ws/demo`;
  }

  /** Resolves when it is ready. @param {{runs?: string[], port?: number, folder?: string, settings?: Record<string, string>}} options */
  static async start({ runs = [], port = 0, folder, settings = {} } = {}) {
    const home = folder ?? await mkdtemp(join(tmpdir(), "stagewatch-"));
    const wishes = runs.flatMap((run) => ["--run", run]);
    const env = { ...process.env, STAGEWATCH_DATA_DIR: join(home, "data"), STAGEWATCH_RECORDING__BATCH_SECONDS: "0.1" };
    for (const [name, value] of Object.entries(settings)) env[`STAGEWATCH_${name}`] = value;
    const server = spawn(join(ROOT, ".venv/bin/python"), ["-m", "web.cli", "serve", "--port", String(port), ...wishes],
      { cwd: ROOT, env, stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface(server.stdout)) {
      const found = READY.exec(line);
      if (found) return new Serving(server, Number(found[1]), home);
    }
    throw new Error("The server ended before it was ready.");
  }

  /** Its exit status, or the signal that ended it. @param {NodeJS.Signals} [signal] */
  async end(signal = "SIGTERM") {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return this.#process.exitCode;
    this.#process.kill(signal);
    const [code, by] = await once(this.#process, "exit");
    return code ?? by;
  }

  /** Leaves nothing behind: a server of the same folder ends the workers of one that was killed. */
  async remove() {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
