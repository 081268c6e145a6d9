// @ts-check
/** The Stagewatch client for browsers: see README.md. */
import { StageClient } from "./client.js";
import { json, messagePack } from "./codecs.js";

export { StageClient } from "./client.js";
export { StageError } from "./errors.js";
export { endpoint } from "./endpoint.js";
export { matches } from "./topics.js";

export const codecs = { json, messagePack };

/**
 * A client that connects at once.
 * @param {import("./client.js").ClientOptions} options
 */
export function connect(options) {
  const client = new StageClient(options);
  client.open();
  return client;
}

/** @type {Map<string, StageClient>} */
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
