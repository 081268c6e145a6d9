// @ts-check
/** The client: one connection, shared by everyone who subscribes, asks and commands through it. */
import { Backoff } from "./backoff.js";
import { json } from "./codecs.js";
import { Emitter } from "./emitter.js";
import { StageError } from "./errors.js";
import { Iteration } from "./iteration.js";
import { Link } from "./link.js";
import { Requests } from "./requests.js";
import { Subscriptions } from "./subscriptions.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Status} Status
 *
 * @typedef {object} ClientOptions
 * @property {string | (() => string)} url
 * @property {string | null | (() => string | null)} [token] a function is asked at every attempt
 * @property {import("./types.js").Codec} [codec] JSON unless given
 * @property {import("./types.js").SocketMaker} [socket]
 * @property {import("./types.js").Clock} [clock]
 * @property {() => number} [random] 0 to 1
 * @property {number} [timeout] milliseconds for an answer
 * @property {number} [queue] requests that may wait while offline
 * @property {number} [openTimeout]
 * @property {number} [pingEvery]
 * @property {{first?: number, factor?: number, most?: number}} [backoff]
 * @property {(error: unknown) => void} [report] takes what listeners throw; else it is thrown again
 */

/** Subscriptions of one moment, such as a change of panels, go to the server together. */
const GATHER = 20;
const TRY_AGAIN = 5_000;

/** @type {import("./types.js").Clock} */
const REAL_CLOCK = {
  now: () => performance.now(),
  after: (callback, delay) => setTimeout(callback, delay),
  cancel: (timer) => clearTimeout(timer),
};

/** @extends {Emitter<import("./types.js").ClientEvents>} */
export class StageClient extends Emitter {
  #subscriptions;
  /** @type {string | null | (() => string | null)} */
  #token;
  /** @type {any} */
  #gathering = null;

  /** @param {ClientOptions} options */
  constructor(options) {
    super(options.report);
    this.#subscriptions = new Subscriptions(this.report);
    const { url, clock = REAL_CLOCK, random = Math.random } = options;
    this.clock = clock;
    this.#token = options.token ?? null;
    this.requests = new Requests({ clock, timeout: options.timeout ?? 10_000, queue: options.queue ?? 32 });
    this.link = new Link({
      url: typeof url === "function" ? url : () => url,
      token: () => this.#currentToken(),
      codec: options.codec ?? json,
      socket: options.socket ?? ((address, protocols) => new WebSocket(address, protocols)),
      clock,
      backoff: new Backoff({ ...options.backoff, random }),
      openTimeout: options.openTimeout ?? 10_000,
      pingEvery: options.pingEvery ?? 10_000,
      onStatus: (status) => this.#changed(status),
      onMessage: (message) => this.#received(message),
      onRoundTrip: (milliseconds) => this.emit("roundtrip", milliseconds),
    });
  }

  /** @returns {Status} */
  get status() {
    return this.link.status;
  }

  /** Connects; also again after the server refused. */
  open() {
    this.link.open();
  }

  /** Brings the next attempt forward, if one is waited for. */
  retryNow() {
    this.link.retryNow();
  }

  /** Ends the connection; what waits is rejected. */
  close() {
    this.link.close();
    this.requests.refuse("The client was closed.");
  }

  /**
   * The events of a topic or pattern: for a listener, until the returned function is called, or
   * without one for `for await`, until the loop is left. Who wants the same pattern shares one
   * subscription.
   * @overload
   * @param {string} pattern
   * @param {import("./types.js").SubscribeOptions} options
   * @param {import("./types.js").Listener} listener
   * @returns {() => void}
   *
   * @overload
   * @param {string | string[]} pattern
   * @param {import("./types.js").SubscribeOptions & {queue?: number}} [options] queue: events that
   *   may wait to be taken out; 10,000 unless given
   * @returns {Iteration}
   *
   * @param {string | string[]} pattern
   * @param {import("./types.js").SubscribeOptions & {queue?: number}} [options]
   * @param {import("./types.js").Listener} [listener]
   */
  subscribe(pattern, options = {}, listener) {
    return listener ? this.#share(String(pattern), options, listener) : this.#iterate([pattern].flat(), options);
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} [params]
   * @param {{timeout?: number}} [options]
   * @returns {Promise<any>} rejects with a StageError
   */
  query(name, params = {}, options = {}) {
    return this.#request({ type: "query", query: name, params }, { repeatable: true, ...options });
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} [params]
   * @param {{timeout?: number}} [options]
   * @returns {Promise<any>} settles after the command took effect; rejects with a StageError
   */
  command(name, params = {}, options = {}) {
    return this.#request({ type: "command", command: name, params }, { repeatable: false, ...options });
  }

  /**
   * A new token: an open connection goes on with it, a refused one is tried again.
   * @param {string} token
   */
  async setToken(token) {
    this.#token = token;
    if (this.status.state === "OPEN") await this.#refresh(token);
    else this.open();
  }

  /** @param {string} pattern @param {import("./types.js").SubscribeOptions} options @param {import("./types.js").Listener} listener @param {Iteration} [iteration] */
  #share(pattern, options, listener, iteration) {
    const remove = this.#subscriptions.add(pattern, options, listener, iteration);
    this.#gather(GATHER);
    return () => {
      remove();
      this.#gather(GATHER);
    };
  }

  /** @param {string[]} patterns @param {import("./types.js").SubscribeOptions & {queue?: number}} options */
  #iterate(patterns, { queue = 10_000, ...options }) {
    /** @type {(() => void)[]} */
    const removes = [];
    const leave = () => { for (const remove of removes) remove(); };
    const iteration = new Iteration({ mode: options.mode ?? "all", limit: queue, leave });
    for (const pattern of patterns) {
      removes.push(this.#share(pattern, options, (event) => iteration.take(event), iteration));
    }
    if (this.#isClosed) iteration.fail(this.#closedError());
    return iteration;
  }

  /** @param {{type: string, [field: string]: any}} body @param {{repeatable: boolean, timeout?: number}} options */
  #request(body, options) {
    if (this.#isClosed) return Promise.reject(this.#closedError());
    const answer = this.requests.add(body, options);
    this.#sendWaiting();
    return answer;
  }

  /** For good, as long as nobody opens it again. */
  get #isClosed() {
    return this.status.state === "CLOSED" && this.status.retryAt === null;
  }

  #closedError() {
    const { reason, error } = this.status;
    return new StageError(error?.code ?? "NOT_CONNECTED", reason ?? "The client is not connected.", error?.details);
  }

  #sendWaiting() {
    this.requests.flush((message) => this.link.send(message));
  }

  /** @param {Status} status */
  #changed(status) {
    const reason = status.reason ?? "The connection was closed.";
    this.clock.cancel(this.#gathering);
    this.#gathering = null;
    if (status.state === "OPEN") {
      this.#subscriptions.cut();
      this.#sendWaiting();
      this.#tellWishes({ resume: true });
    } else if (status.state === "CLOSED") {
      this.requests.lost(reason);
      if (status.retryAt === null) {
        this.requests.refuse(reason);
        this.#subscriptions.end(status.code === null && status.reason === null ? undefined : this.#closedError());
      }
    }
    this.emit("status", status);
  }

  /** @param {Message} message */
  #received(message) {
    this.emit("message", message);
    if (message.type === "event") {
      for (const event of message.events) this.#happened(event);
    } else if (message.type === "response" || message.type === "error") this.requests.settle(message);
    else if (message.type === "broadcast") this.#announced(message.topic, message.data);
    else if (message.type === "connection_established") this.emit("established", /** @type {any} */ (message));
  }

  /** @param {import("./types.js").StageEvent} event */
  #happened(event) {
    if (event.topic === "connection.expiring") this.#expiring(event.data);
    else this.#subscriptions.dispatch(event);
  }

  /** @param {string} topic @param {any} data */
  #announced(topic, data) {
    if (topic === "connection.expiring") this.#expiring(data);
    else this.emit("broadcast", { topic, data });
  }

  /** @param {any} data */
  #expiring(data) {
    const token = this.#currentToken();
    if (token !== null && token !== this.link.usedToken) {
      this.#refresh(token).catch(() => this.emit("expiring", data));
    } else this.emit("expiring", data);
  }

  /** @param {string} token */
  async #refresh(token) {
    await this.command("auth.refresh", { token });
    this.link.refreshed(token);
  }

  /** @param {number} delay */
  #gather(delay) {
    if (this.#gathering !== null || this.status.state !== "OPEN") return;
    this.#gathering = this.clock.after(() => {
      this.#gathering = null;
      if (this.status.state === "OPEN") this.#tellWishes();
    }, delay);
  }

  /** @param {{resume?: boolean}} [options] */
  #tellWishes(options) {
    const { subscribe, unsubscribe } = this.#subscriptions.changes(options);
    if (unsubscribe.length > 0) {
      this.#request({ type: "unsubscribe", events: unsubscribe }, { repeatable: false }).catch(() => {
        // Events that still come have no listener; the next connection begins without them.
      });
    }
    for (const asking of subscribe) this.#ask(asking);
  }

  /** @param {import("./subscriptions.js").Asking} asking */
  #ask(asking) {
    this.#request({ type: "subscribe", ...asking }, { repeatable: false }).then(
      (result) => this.#subscribed(asking.events, result),
      (error) => this.#notSubscribed(asking, error),
    );
  }

  /** @param {string[]} patterns @param {any} result */
  #subscribed(patterns, result) {
    const places = result.subscriptions.flatMap((/** @type {any} */ { topics }) => topics);
    for (const topic of this.#subscriptions.begin(patterns, places)) this.emit("gap", { topic });
  }

  /** @param {import("./subscriptions.js").Asking} asking @param {StageError} error */
  #notSubscribed(asking, error) {
    if (this.status.state !== "OPEN") return;
    if (error.temporary) {
      this.#subscriptions.forget(asking.events);
      this.#gather(Math.max(GATHER, Number(error.details.retry_after ?? 0) * 1000 || TRY_AGAIN));
    } else if (asking.events.length > 1) {
      // One of them may be to blame; the others should not suffer.
      for (const pattern of asking.events) this.#ask({ ...asking, events: [pattern] });
    } else {
      this.#subscriptions.refuse(asking.events, error);
      this.emit("refused", { patterns: asking.events, error });
    }
  }

  #currentToken() {
    return typeof this.#token === "function" ? this.#token() : this.#token;
  }
}
