// @ts-check
/** One raw socket and the frames that went over it; the newest first, bounded. */

/**
 * @typedef {"out" | "in" | "note"} Direction
 * @typedef {{number: number, direction: Direction, kind: string, text: string, size: number, at: Date}} Frame
 */

const MOST_FRAMES = 200;
const LONGEST = 20_000; // characters of a frame that are kept
const REDRAW = 200; // milliseconds between two lists

export class Exchange {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Frame[]} */
  #frames = [];
  #count = 0;
  /** @type {any} */
  #timer = null;

  /**
   * @param {{url: string, token: string | null, onFrames: (frames: Frame[]) => void,
   *   onOpen: (open: boolean) => void}} options
   */
  constructor({ url, token, onFrames, onOpen }) {
    this.url = url;
    this.token = token;
    this.onFrames = onFrames;
    this.onOpen = onOpen;
  }

  open() {
    if (this.#socket) return;
    const protocols = ["stagewatch.v1.json"];
    if (this.token) protocols.push(`bearer.${this.token}`);
    const socket = new WebSocket(this.url, protocols);
    this.#socket = socket;
    socket.onopen = () => {
      this.#note("note", "open", `connected to ${this.url}`);
      this.onOpen(true);
    };
    socket.onmessage = ({ data }) => this.#note("in", kindOf(data), data);
    socket.onclose = ({ code, reason }) => {
      this.#socket = null;
      this.#note("note", "close", `closed with ${code} ${reason}`.trim());
      this.onOpen(false);
    };
  }

  /** @param {string} text sent as it stands */
  send(text) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(text);
    this.#note("out", kindOf(text), text);
  }

  clear() {
    this.#frames = [];
    this.#show();
  }

  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  /** @param {Direction} direction @param {string} kind @param {string} text */
  #note(direction, kind, text) {
    this.#count += 1;
    const size = new Blob([text]).size;
    const kept = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    this.#frames = [{ number: this.#count, direction, kind, text: kept, size, at: new Date() }, ...this.#frames]
      .slice(0, MOST_FRAMES);
    this.#timer ??= setTimeout(() => this.#show(), REDRAW);
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.onFrames(this.#frames);
  }
}

/** What a frame is, in a few words. @param {string} text */
function kindOf(text) {
  try {
    const { type, query, command, code, id, events } = JSON.parse(text);
    const about = query ?? command ?? code ?? (type === "event" ? events?.[0]?.topic : "") ?? "";
    return [type ?? "no type", about, id === undefined ? "" : `#${id}`].filter(Boolean).join(" ");
  } catch {
    return "not JSON";
  }
}
