// @ts-check
/** The Stagewatch client for browsers: see README.md. */
import { json, messagePack } from "./codecs.js";
import { Stage } from "./stage.js";

export { StageError } from "./errors.js";
export { Gap } from "./iteration.js";
export { Stage } from "./stage.js";
export { endpoint } from "./endpoint.js";
export { matches } from "./topics.js";

export const codecs = { json, messagePack };

/**
 * A client that connects at once.
 * @param {import("./client.js").ClientOptions} options
 */
export function connect(options) {
  const client = new Stage(options);
  client.open();
  return client;
}

/** @type {Map<string, Stage>} */
const clients = new Map();

/**
 * The client of an address: the same one for every component that asks, until it is closed.
 * @param {import("./client.js").ClientOptions & {url: string}} options those of who asks first hold
 */
export function shared(options) {
  const known = clients.get(options.url);
  if (known && !(known.status.state === "CLOSED" && known.status.retryAt === null)) return known;
  const client = connect(options);
  clients.set(options.url, client);
  return client;
}
