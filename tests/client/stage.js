// What the client is given in tests: a clock that moves when told to, and a server in the page.

/** A clock whose time passes only by `advance`. */
export class ManualClock {
  #time = 0;
  #count = 0;
  #timers = new Map();

  now() {
    return this.#time;
  }

  after(callback, delay) {
    this.#count += 1;
    this.#timers.set(this.#count, { at: this.#time + delay, callback });
    return this.#count;
  }

  cancel(timer) {
    this.#timers.delete(timer);
  }

  advance(milliseconds) {
    const end = this.#time + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [timer, { at, callback }] = due;
      this.#timers.delete(timer);
      this.#time = Math.max(this.#time, at);
      callback();
    }
    this.#time = end;
  }
}

/** The server's side of the sockets that a client opens; keeps what was sent to it. */
export class FakeServer {
  sockets = [];

  /** To be handed to the client as `socket`. */
  maker = (url, protocols) => {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    return socket;
  };

  get last() {
    return this.sockets.at(-1);
  }

  /** What the newest socket was sent, of a type if one is given. */
  sent(type) {
    return this.last.sent.filter((message) => type === undefined || message.type === type);
  }

  greet(greeting = {}) {
    this.last.onopen?.({});
    this.say({ type: "connection_established", client_id: "c1", scopes: ["observe", "control"], ...greeting });
  }

  say(message) {
    this.last.onmessage?.({ data: JSON.stringify(message) });
  }

  tell(...events) {
    this.say({ type: "event", events });
  }

  /** Answers the newest request of a type. */
  answer(type, result) {
    this.say({ type: "response", id: this.sent(type).at(-1).id, result });
  }

  refuse(type, error) {
    this.say({ type: "error", id: this.sent(type).at(-1).id, details: {}, temporary: false, ...error });
  }

  close(code) {
    this.last.onclose?.({ code });
  }
}

class FakeSocket {
  sent = [];
  closed = null;
  binaryType = "blob";
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
  }

  send(frame) {
    this.sent.push(JSON.parse(frame));
  }

  close(code) {
    this.closed = code;
  }
}

/** Lets what hangs on settled promises run. */
export function settled() {
  return new Promise((resolve) => { setImmediate(resolve); });
}

export function event(topic, offset, data = {}, epoch = "e") {
  return { topic, epoch, offset, data };
}
