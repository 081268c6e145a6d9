// @ts-check
/** Reads ticks of the chosen run's record, and sends replays to them. */
import { client } from "../connection.js";
import { notify } from "../notices.js";
import { Frames } from "./frames.js";
import { Newest } from "./newest.js";

/** @typedef {Frames} Reading */

const BYTES = 4; // of a value
const clock = {
  now: () => performance.now(),
  after: (/** @type {() => void} */ callback, /** @type {number} */ delay) => setTimeout(callback, delay),
};

/** @type {Frames | null} */
let frames = null;

/** The frames of a run; those of the run before are let go. @param {import("../watching.js").Run} run */
export function readings({ run, agents, columns }) {
  if (frames?.run !== run) {
    frames = new Frames(run, BYTES * agents * columns.length, (name, params) => client.query(name, params), clock, told);
  }
  return frames;
}

/** @param {any} error */
function told(error) {
  notify(error.message);
}

/** @typedef {{run: string, tick: number}} Place */

/** @type {{place: Place, done: (tick: number) => void} | null} */
let last = null;
const seeks = new Newest(
  async (/** @type {{place: Place, done: (tick: number) => void}} */ wish) => {
    last = wish;
    await client.command("run.seek", wish.place);
    wish.done(wish.place.tick);
  },
  (error) => {
    last?.done(last.place.tick);
    told(error);
  }, clock);

/** Send a replay to a tick; of those asked for while it is under way, to the last. @param {Place} place @param {(tick: number) => void} done */
export function seekTo(place, done) {
  seeks.want({ place, done });
}
