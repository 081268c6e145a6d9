// @ts-check
/** The client with the server's queries and commands as methods. */
import { StageClient } from "./client.js";

/** Each answers with the result, and rejects with a StageError. */
export class Stage extends StageClient {
  /** The server's name, version, mode and uptime. */
  info() {
    return this.query("server.info");
  }

  /** @returns {Promise<import("./types.js").Run[]>} */
  async runs() {
    return (await this.query("runs.list")).runs;
  }

  /** All that is known of a run. @param {string} run @returns {Promise<import("./types.js").RunDetails>} */
  run(run) {
    return this.query("run.get", { run });
  }

  /**
   * A page of a run's agents, each with its columns.
   * @param {string} run
   * @param {{offset?: number, limit?: number, sort?: string, filter?: string}} [options]
   *   sort: a column, falling with `-` before it; filter: such as `entropy>0.5,solved=1`
   * @returns {Promise<{agents: Record<string, any>[], total: number, tick: number}>}
   */
  agents(run, options = {}) {
    return this.query("run.agents", { run, ...options });
  }

  /** State, belief, policies and last actions. @param {string} run @param {string | number} agent */
  agent(run, agent) {
    return this.query("agent.get", { run, agent });
  }

  /**
   * @param {string} run
   * @param {string | number} agent
   * @returns {Promise<import("./types.js").Belief>}
   */
  belief(run, agent) {
    return this.query("belief.get", { run, agent });
  }

  /**
   * The newest events of a topic, by rising offset.
   * @param {string} topic
   * @param {{from?: number, to?: number, limit?: number}} [options] offsets, both included
   * @returns {Promise<import("./types.js").StageEvent[]>}
   */
  async history(topic, options = {}) {
    return (await this.query("history", { topic, ...options })).events;
  }

  metrics() {
    return this.query("system.metrics");
  }

  /** Where two recorded runs part. @param {string} run @param {string} other @returns {Promise<import("./types.js").Difference>} */
  diff(run, other) {
    return this.query("run.diff", { run, other });
  }

  /** The tree of all actors. @returns {Promise<import("./types.js").Actor>} */
  actors() {
    return this.query("actors.tree");
  }

  /** What can be started; `parameters` is a JSON schema. @returns {Promise<import("./types.js").Scenario[]>} */
  async scenarios() {
    return (await this.query("scenarios.list")).scenarios;
  }

  /** The sweeps that there are. @returns {Promise<import("./types.js").Sweep[]>} */
  async sweeps() {
    return (await this.query("sweeps.list")).sweeps;
  }

  /** Who is connected; needs the scope `admin`. @returns {Promise<Record<string, any>[]>} */
  async connections() {
    return (await this.query("connections.list")).connections;
  }

  /**
   * Starts a run.
   * @param {string} scenario
   * @param {Record<string, any>} [params]
   * @param {number} [seed]
   * @returns {Promise<string>} its name
   */
  async start(scenario, params = {}, seed) {
    const chosen = seed === undefined ? {} : { seed };
    return (await this.command("run.start", { scenario, params, ...chosen })).run;
  }

  /** @param {string} run @returns {Promise<import("./types.js").RunState>} */
  pause(run) {
    return this.command("run.pause", { run });
  }

  /** @param {string} run @returns {Promise<import("./types.js").RunState>} */
  resume(run) {
    return this.command("run.resume", { run });
  }

  /** @param {string} run @param {number} [ticks] @returns {Promise<import("./types.js").RunState>} */
  step(run, ticks = 1) {
    return this.command("run.step", { run, ticks });
  }

  /** @param {string} run @param {number} hz 0: as fast as it can @returns {Promise<import("./types.js").RunState>} */
  speed(run, hz) {
    return this.command("run.speed", { run, hz });
  }

  /** @param {string} run @returns {Promise<import("./types.js").RunState>} */
  stopRun(run) {
    return this.command("run.stop", { run });
  }

  /** @param {string} run @returns {Promise<import("./types.js").RunState>} */
  checkpoint(run) {
    return this.command("run.checkpoint", { run });
  }

  /** @param {string} run @param {string} condition such as "any(surprise) > 3" @returns {Promise<import("./types.js").RunState>} */
  until(run, condition) {
    return this.command("run.until", { run, condition });
  }

  /**
   * Goes on after a tick of a recorded run, as a run of its own.
   * @param {string} run
   * @param {number} tick
   * @param {{params?: Record<string, any>, seed?: number, perturb?: object}} [changes]
   * @returns {Promise<string>} its name
   */
  async fork(run, tick, changes = {}) {
    return (await this.command("run.fork", { run, tick, ...changes })).run;
  }

  /**
   * Makes the ticks of a recorded run again, as a run of its own.
   * @param {string} run
   * @param {{tick?: number, hz?: number}} [begin] the first tick, where absent
   * @returns {Promise<string>} its name
   */
  async replay(run, begin = {}) {
    return (await this.command("run.replay", { run, ...begin })).run;
  }

  /** @param {string} run a replay @param {number} tick @returns {Promise<import("./types.js").RunState>} */
  seek(run, tick) {
    return this.command("run.seek", { run, tick });
  }

  /**
   * Runs a scenario at every combination of the values of a grid; tells on `sweep.<sweep>.progress` how far it is.
   * @param {string} scenario
   * @param {Record<string, any[]>} grid
   * @param {{params?: Record<string, any>, seeds?: number, seed?: number, ticks?: number, every?: number, workers?: number}} [options]
   * @returns {Promise<string>} its name
   */
  async sweep(scenario, grid, options = {}) {
    return (await this.command("sweep.start", { scenario, grid, ...options })).sweep;
  }

  /** @param {string} sweep @returns {Promise<import("./types.js").Sweep>} */
  stopSweep(sweep) {
    return this.command("sweep.stop", { sweep });
  }

  /** @param {string} sweep @returns {Promise<import("./types.js").Sweep>} */
  resumeSweep(sweep) {
    return this.command("sweep.resume", { sweep });
  }

  /** @param {string} run @param {string | number} agent "*" is all of them @param {object} change @returns {Promise<import("./types.js").RunState>} */
  perturb(run, agent, change) {
    return this.command("agent.perturb", { run, agent, ...change });
  }

  /** @param {string} run @param {string | number} agent @returns {Promise<import("./types.js").RunState>} */
  stopAgent(run, agent) {
    return this.command("agent.stop", { run, agent });
  }

  /** @param {string} run @param {string | number} agent @returns {Promise<import("./types.js").RunState>} */
  restartAgent(run, agent) {
    return this.command("agent.restart", { run, agent });
  }
}
