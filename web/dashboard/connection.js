// @ts-check
/** The page's one connection: made here, used through stage.js. */
import { codecs, connect } from "../client/index.js";
import { computed, signal } from "./vendor/signals/signals.js";
import { decode, encode } from "./vendor/msgpack/msgpack.js";
import { address, token } from "./token.js";

/**
 * @typedef {import("../client/types.js").Status} Status
 * @typedef {import("../client/types.js").Established} Established
 */

export const client = connect({
  url: address,
  token: () => token.peek(),
  codec: codecs.messagePack({ encode, decode }),
});

/** Whether the connection is open, and if not, why and when it is tried again. */
export const connection = signal(/** @type {Status} */ (client.status));
/** What the server said first; of the last connection while there is none. */
export const established = signal(/** @type {Established | null} */ (null));
/** Milliseconds to the server and back; null while not measured. */
export const roundTrip = signal(/** @type {number | null} */ (null));
/** Whether this viewer may start, pause and stop runs. */
export const mayControl = computed(() => established.value?.scopes.includes("control") ?? false);

/** Whether the server lets nobody in without a token. */
export const tokenWanted = signal(false);

client.on("status", (status) => {
  connection.value = status;
  if (status.state !== "OPEN") roundTrip.value = null;
  if (status.state === "OPEN") tokenWanted.value = false;
  const never = established.peek() === null && token.peek() === null && !tokenWanted.peek();
  if (status.state === "CLOSED" && never) askForDemo();
});
client.on("established", (first) => { established.value = first; });
client.on("roundtrip", (milliseconds) => { roundTrip.value = milliseconds; });
window.addEventListener("online", () => client.retryNow());

/** A browser does not tell why a handshake failed; plain HTTP does: 404 where there is no demo. */
async function askForDemo() {
  const answer = await fetch(address().replace(/^ws/, "http")).catch(() => null);
  if (answer?.status !== 404 || client.status.state === "OPEN") return;
  tokenWanted.value = true;
  client.close();
}
