// @ts-check
/**
 * What happened in a run, as marks on its time. Pure.
 * @typedef {{kind: string, tick: number, data: any, key: string}} Happening
 * @typedef {{kind: string, tick: number, at: number, text: string, count: number}} Mark
 *   `at`: 0 to 1; `count`: how many happenings it stands for
 */
import { grouped } from "../panels/format.js";
import { changeTold } from "./told.js";

/** How each kind is drawn; of several at one place the first of this list. */
/** @type {Record<string, {sign: string, title: string}>} */
export const KINDS = {
  failed: { sign: "✕", title: "Failed" },
  failure: { sign: "✕", title: "Failure" },
  breakpoint: { sign: "●", title: "Breakpoint" },
  perturbation: { sign: "◆", title: "Change" },
  anomaly: { sign: "!", title: "Anomaly" },
  restarted: { sign: "▲", title: "Restarted" },
  paused: { sign: "‖", title: "Paused" },
  running: { sign: "▸", title: "Goes on" },
  finished: { sign: "■", title: "Ended" },
};
const ORDER = Object.keys(KINDS);
const PLACES = 160; // marks at most

/** What it was, in one line. @param {Happening} happening */
export function told({ kind, tick, data }) {
  const title = KINDS[kind]?.title ?? kind.replaceAll("_", " ");
  const what = kind === "perturbation" ? changeTold(data)
    : kind === "breakpoint" ? data?.condition ?? "" : data?.reason ?? "";
  return `${title} at tick ${grouped(tick)}${what ? `: ${what}` : ""}`;
}

/**
 * Marks for the happenings from the first to the last tick, those too near to one another as one.
 * @param {readonly Happening[]} happenings
 * @param {number} first
 * @param {number} last
 * @returns {Mark[]}
 */
export function marksOf(happenings, first, last) {
  const length = Math.max(1, last - first);
  /** @type {Map<number, Happening[]>} */
  const places = new Map();
  for (const happening of happenings) {
    if (happening.tick < first || happening.tick > last) continue;
    const place = Math.round((PLACES * (happening.tick - first)) / length);
    places.set(place, [...places.get(place) ?? [], happening]);
  }
  return [...places.values()].map((those) => {
    const [chief] = [...those].sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
    const more = those.length > 1 ? `, and ${those.length - 1} more nearby` : "";
    const at = (chief.tick - first) / length;
    return { kind: chief.kind, tick: chief.tick, at, text: told(chief) + more, count: those.length };
  });
}

/** The next tick at which something happened, or null. @param {readonly Happening[]} happenings @param {number} tick @param {1 | -1} way */
export function nextTick(happenings, tick, way) {
  const beyond = happenings.map((one) => one.tick).filter((at) => way * (at - tick) > 0);
  return beyond.length ? (way > 0 ? Math.min(...beyond) : Math.max(...beyond)) : null;
}

/** Both lists as one, each happening once, by rising tick. @param {readonly Happening[]} one @param {readonly Happening[]} other */
export function merged(one, other) {
  const all = new Map([...one, ...other].map((happening) => [happening.key, happening]));
  return [...all.values()].sort((a, b) => a.tick - b.tick);
}
