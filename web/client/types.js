// @ts-check
/**
 * The shapes that the client's modules share. Nothing here runs.
 *
 * @typedef {{epoch: string, offset: number}} Position where a topic stands
 *
 * @typedef {object} StageEvent
 * @property {string} topic
 * @property {string} epoch
 * @property {number} offset
 * @property {number | null} [tick]
 * @property {number | null} [time] simulated time
 * @property {number} [skipped] how many events a `latest` subscription left out before this one
 * @property {any} data
 *
 * @typedef {"all" | "latest"} Mode
 * @typedef {{mode?: Mode, max_hz?: number | null}} SubscribeOptions
 * @typedef {(event: StageEvent) => void} Listener
 *
 * @typedef {{type: string, id?: string, [field: string]: any}} Message
 *
 * @typedef {object} Codec how messages travel
 * @property {string} subprotocol
 * @property {(message: Message) => string | Uint8Array} encode
 * @property {(frame: string | ArrayBuffer) => Message} decode
 *
 * @typedef {object} Socket what the client needs of a WebSocket
 * @property {string} binaryType
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {((event: any) => void) | null} onerror
 * @property {(frame: any) => void} send
 * @property {(code?: number, reason?: string) => void} close
 *
 * @typedef {(url: string, protocols: string[]) => Socket} SocketMaker
 *
 * @typedef {object} Clock milliseconds throughout
 * @property {() => number} now
 * @property {(callback: () => void, delay: number) => any} after returns what `cancel` takes
 * @property {(timer: any) => void} cancel
 *
 * @typedef {"CLOSED" | "CONNECTING" | "OPEN"} State
 *
 * @typedef {object} Status
 * @property {State} state
 * @property {number | null} retryAt on the clock: when the next attempt comes; null when none will
 * @property {number | null} code the last close code
 * @property {string | null} reason why it is not open, for a person
 * @property {StageErrorLike | null} error what the server said before it closed
 *
 * @typedef {{code: string, message: string, details: Record<string, any>, temporary: boolean}} StageErrorLike
 *
 * @typedef {{run: string, scenario: string, state: string, tick: number, seed: number, agents: number, started_at: string, parent?: {run: string, tick: number}, replay?: {run: string, first: number, last: number}}} Run
 * @typedef {Run & {epoch: string, params: Record<string, any>, title: string, sentence: string, speed: number | null, restarts: number, view: any, columns: any, model: any, reason?: string}} RunDetails
 * @typedef {{state: string, tick: number, hz: number, until?: string}} RunState hz 0: as fast as it can; until: what it pauses at
 * @typedef {{runs: [string, string], first: number, last: number, lengths: [number, number], tick: number | null, parting: {tick: number, agent: number | null, variable: string, one: any, two: any} | null, distances: {tick: number, columns: Record<string, number | null>}[]}} Difference
 * @typedef {{sweep: string, scenario: string, state: "running" | "stopped" | "finished" | "failed", runs: number, done: number, failed: number, failures: Record<string, string>, tables: string[], started_at: string, reason?: string}} Sweep
 * @typedef {{tick: number, belief: Record<string, any>, entropy: number | null, surprise: number | null, policies: any[]}} Belief
 * @typedef {{name: string, title: string, parameters: Record<string, any>, references: string[]}} Scenario
 * @typedef {{path: string, class: string, state: string, mailbox: {depth: number, high_water: number, dropped: number}, handled: number, restarts: number, last_error: string | null, children: Actor[]}} Actor
 *
 * @typedef {object} Established the server's first message
 * @property {string} client_id
 * @property {number} protocol
 * @property {{name: string, version: string}} server
 * @property {string} user
 * @property {string[]} scopes
 * @property {string | null} expires_at
 * @property {{interval: number, timeout: number}} heartbeat
 * @property {Record<string, any>} limits
 * @property {string[]} topics
 *
 * @typedef {object} ClientEvents
 * @property {Status} status the connection's state changed
 * @property {Established} established the server's greeting
 * @property {number} roundtrip milliseconds to the server and back
 * @property {{topic: string, data: any}} broadcast
 * @property {{topic: string}} gap events of the topic were missed: read the state anew
 * @property {{patterns: string[], error: import("./errors.js").StageError}} refused a subscription that cannot be had
 * @property {any} expiring the token ends soon
 * @property {Message} message whatever the server sent
 */

export {};
