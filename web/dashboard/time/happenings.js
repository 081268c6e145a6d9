// @ts-check
/** What happened in the chosen run: changes, breakpoints, failures, its states. Kept for the marks
 * on its time, and told as notices when it happens now. */
import { effect, signal, untracked } from "../vendor/signals/signals.js";
import { client, connection } from "../connection.js";
import { resumed, subscribe } from "../visible.js";
import { ticks } from "../panels/live.js";
import { noteUntil, run } from "../watching.js";
import { KINDS as SIGNS, merged } from "./markers.js";

/** @typedef {import("./markers.js").Happening} Happening */
/** @typedef {import("../../client/types.js").StageEvent} StageEvent */

const KINDS = ["perturbation", "breakpoint", "failure", "anomaly"];
const REMEMBERED = ["log.perturbation", "log.breakpoint", "state"]; // each costs a message
const STATES = new Set(["paused", "running", "restarted", "failed", "finished"]);
const PAST = 200; // events of each kind
const MOST = 1000;

/** By rising tick. */
export const happenings = signal(/** @type {Happening[]} */ ([]));
/** The newest of the run itself that came just now. */
export const happened = signal(/** @type {Happening | null} */ (null));

effect(() => {
  ticks.marks.value = happenings.value.map(({ tick, kind }) => ({ x: tick, sign: SIGNS[kind]?.sign ?? "·" }));
});

/** @param {StageEvent} event @returns {Happening[]} */
function read({ topic, epoch, offset, tick, data }) {
  const [, name, about, kind] = topic.split(".");
  const what = about === "log" ? kind : data.state;
  const at = tick ?? data.tick ?? 0;
  // Every run begins with "running"; only that it goes on is worth a mark.
  if (about === "state" && (!STATES.has(what) || (what === "running" && at === 0))) return [];
  return [{ kind: what, tick: at, data, key: `${name} ${about} ${kind} ${epoch} ${offset}` }];
}

/** @param {StageEvent[]} events */
function add(events) {
  happenings.value = merged(happenings.peek(), events.flatMap(read)).slice(-MOST);
}

/** @param {string} name @param {() => boolean} wanted */
function ask(name, wanted) {
  for (const about of REMEMBERED) {
    client.query("history", { topic: `run.${name}.${about}`, limit: PAST }).then(
      ({ events }) => {
        if (!wanted()) return;
        add(events);
        if (about === "state") noteUntil(name, events.at(-1)?.data.until);
      },
      // What happens from now on is shown all the same.
      () => undefined,
    );
  }
}

/** @type {{name: string, end: () => void} | null} */
let followed = null;

effect(() => {
  const current = run.value;
  // What happened while a replay is made again is in the record of the run that it shows.
  if (current) untracked(() => follow(current.run, current.replay?.run ?? current.run));
});

/** @param {string} name @param {string} source */
function follow(name, source) {
  if (followed?.name === name) return;
  followed?.end();
  happenings.value = [];
  happened.value = null;
  let wanted = true;
  const both = [...new Set([name, source])];
  const ends = both.flatMap((one) => KINDS.map((kind) => subscribe(`run.${one}.log.${kind}`, {}, (event) => {
    if (one === source) add([event]);
    if (one === name) [happened.value] = read(event);
  })));
  const endStates = client.subscribe("run.*.state", {}, (event) => {
    if (event.topic === `run.${source}.state`) add([event]);
  });
  const endAsking = effect(() => {
    if (connection.value.state === "OPEN" && resumed.value >= 0) untracked(() => ask(source, () => wanted));
  });
  followed = {
    name,
    end: () => {
      wanted = false;
      [...ends, endStates, endAsking].forEach((end) => end());
    },
  };
}
