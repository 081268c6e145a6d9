import { connect } from "../../web/client/index.js";
import { FakeServer, ManualClock } from "./stage.js";

/** A client of a fake server. `random` is the middle unless given, so that waits are known. */
export function makeClient(options = {}) {
  const server = new FakeServer();
  const clock = new ManualClock();
  const client = connect({
    url: "ws://here/api/v1/ws/demo", socket: server.maker, clock, random: () => 0.5, ...options,
  });
  return { client, server, clock };
}

/** The same, greeted. */
export function makeOpenClient(options = {}) {
  const made = makeClient(options);
  made.server.greet();
  return made;
}

/** How a promise ended, without throwing. */
export function outcome(promise) {
  return promise.then((value) => ({ value }), (error) => ({ error }));
}
