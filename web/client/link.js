// @ts-check
/**
 * One socket after the other: CLOSED → CONNECTING → OPEN → CLOSED, and back by itself where the
 * close allows it. OPEN means that the server has greeted.
 */
import { closeRule } from "./closing.js";
import { Heartbeat } from "./heartbeat.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Status} Status
 *
 * @typedef {object} LinkOptions
 * @property {() => string} url
 * @property {() => string | null} token
 * @property {import("./types.js").Codec} codec
 * @property {import("./types.js").SocketMaker} socket
 * @property {import("./types.js").Clock} clock
 * @property {import("./backoff.js").Backoff} backoff
 * @property {number} openTimeout
 * @property {number} pingEvery
 * @property {(status: Status) => void} onStatus
 * @property {(message: Message) => void} onMessage
 * @property {(milliseconds: number) => void} onRoundTrip
 */

/** An error older than this did not cause the close. */
const ERROR_COUNTS = 5_000;
/** A connection that lasted so long was a success: the next attempt comes soon again. */
const STEADY = 5_000;

/** @type {Status} */
const CLOSED = { state: "CLOSED", retryAt: null, code: null, reason: null, error: null };

export class Link {
  /** @type {import("./types.js").Socket | null} */
  #socket = null;
  /** @type {any} */
  #timer = null;
  /** @type {{error: import("./types.js").StageErrorLike, at: number} | null} */
  #lastError = null;
  /** @type {number | null} */
  #drainSeconds = null;
  #openedAt = 0;
  /** @type {string | null} */
  #usedToken = null;

  /** @param {LinkOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {Status} */
    this.status = CLOSED;
    this.heartbeat = new Heartbeat({
      clock: options.clock,
      every: options.pingEvery,
      send: (message) => this.send(message),
      measured: options.onRoundTrip,
      silent: () => this.#drop("The server has gone silent."),
    });
  }

  /** Connects now, whatever was before; does nothing when connected or connecting. */
  open() {
    if (this.status.state === "CLOSED") this.#connect();
  }

  /** Brings the next attempt forward, if there will be one. */
  retryNow() {
    if (this.status.retryAt !== null) this.#connect();
  }

  /** Closes for good. */
  close() {
    this.#release(1000);
    this.#set(CLOSED);
  }

  /** Whether the message was given to the socket. @param {Message} message */
  send(message) {
    if (this.status.state !== "OPEN" || !this.#socket) return false;
    this.#socket.send(this.options.codec.encode(message));
    return true;
  }

  get usedToken() {
    return this.#usedToken;
  }

  /** A token that the server took in the place of the first. @param {string} token */
  refreshed(token) {
    this.#usedToken = token;
  }

  #connect() {
    const { options } = this;
    this.#release(1000);
    this.#lastError = null;
    this.#drainSeconds = null;
    this.#usedToken = options.token();
    this.#set({ ...this.status, state: "CONNECTING", retryAt: null });
    const protocols = [options.codec.subprotocol];
    if (this.#usedToken) protocols.push(`bearer.${this.#usedToken}`);
    let socket;
    try {
      socket = options.socket(options.url(), protocols);
    } catch (error) {
      // A malformed address or token: trying again changes nothing.
      this.#set({ ...CLOSED, reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#closed(event.code ?? 1006);
    this.#timer = options.clock.after(() => this.#drop("The server does not answer."), options.openTimeout);
  }

  /** @param {string | ArrayBuffer} frame */
  #received(frame) {
    /** @type {Message} */
    let message;
    try {
      message = this.options.codec.decode(frame);
    } catch {
      this.#drop("The server sent a frame that cannot be read.");
      return;
    }
    if (this.heartbeat.hear(message)) return;
    if (message.type === "connection_established") this.#established();
    else if (message.type === "error" && message.id === undefined) {
      const { code, message: text, details = {}, temporary = false } = message;
      this.#lastError = { error: { code, message: text, details, temporary }, at: this.options.clock.now() };
    } else if (message.type === "broadcast" && message.topic === "server.draining") {
      this.#drainSeconds = Number(message.data?.retry_after ?? 0);
    }
    this.options.onMessage(message);
  }

  #established() {
    this.options.clock.cancel(this.#timer);
    this.#openedAt = this.options.clock.now();
    this.#set({ ...CLOSED, state: "OPEN" });
    this.heartbeat.start();
  }

  /** @param {string} reason */
  #drop(reason) {
    this.#closed(1006, reason);
  }

  /** @param {number} code @param {string} [reason] */
  #closed(code, reason) {
    const { clock, backoff, token } = this.options;
    const now = clock.now();
    if (this.status.state === "OPEN" && now - this.#openedAt >= STEADY) backoff.reset();
    const recent = this.#lastError !== null && now - this.#lastError.at <= ERROR_COUNTS;
    const error = recent && code !== 1006 ? this.#lastError?.error ?? null : null;
    const rule = closeRule(code, error, this.#drainSeconds);
    this.#release(1000);
    const newToken = token() !== this.#usedToken;
    /** @type {Status} */
    const status = { ...CLOSED, code, reason: reason ?? rule.text, error };
    if (!rule.retry && !newToken) {
      this.#set(status);
      return;
    }
    const wait = backoff.next(rule.least);
    this.#timer = clock.after(() => this.#connect(), wait);
    this.#set({ ...status, retryAt: now + wait });
  }

  /** Lets go of the socket and of every timer. @param {number} code */
  #release(code) {
    this.options.clock.cancel(this.#timer);
    this.heartbeat.stop();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close(code);
  }

  /** @param {Status} status */
  #set(status) {
    this.status = status;
    this.options.onStatus(status);
  }
}
