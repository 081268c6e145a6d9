// @ts-check
/** What flowed and flows on a topic, kept while the page is open. */
import { Group } from "../charts/group.js";
import { Timeline } from "../charts/timeline.js";
import { connection, query, resumed, run, useTopic } from "../stage.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";
import { looked, shownTick } from "../time/past.js";
import { effect } from "../vendor/signals/signals.js";

/** @typedef {Record<string, any>} Row */

/** The charts over ticks of the chosen run. */
export const ticks = new Group("tick", 300);
/** The charts over the machine's seconds. */
export const seconds = new Group("second", 300);

// The charts of a replay show the run that is shown again, and where one is in it.
effect(() => { ticks.at.value = run.value?.replay ? shownTick.value : looked.value; });

const MOST_TIMELINES = 12;
const AROUND = 300; // ticks
const SETTLES = 400; // milliseconds
/** @type {Map<string, Timeline<Row>>} */
const timelines = new Map();
const nothing = new Timeline((item) => item.data);

let epoch = run.peek()?.epoch;
effect(() => {
  if (run.value?.epoch === epoch) return;
  epoch = run.value?.epoch;
  ticks.reset();
});

/**
 * A hook: the timeline of a topic. Begins with what the server remembers, also after a time in
 * which events were missed.
 * @param {string | null} topic null: an empty one
 * @param {(data: any) => Row} read what is kept of an event's data
 * @param {{max_hz?: number, past?: number}} [options] `past`: how many old events are asked for
 * @returns {Timeline<Row>}
 */
export function useTimeline(topic, read, { max_hz = 10, past = 600 } = {}) {
  const timeline = topic === null ? nothing : kept(topic, read);
  const [, noteBeginning] = useState("");
  useTopic(topic, { mode: "latest", max_hz }, (event) => {
    timeline.push(event);
    noteBeginning(timeline.epoch ?? "");
  });
  const open = connection.value.state === "OPEN";
  const missed = resumed.value;
  useEffect(() => {
    if (topic === null || !open) return;
    query("history", { topic, limit: past }).then(
      ({ events }) => {
        timeline.merge(events);
        noteBeginning(timeline.epoch ?? "");
      },
      // What flows from now on is shown all the same; the gap is seen as one.
      () => undefined,
    );
  }, [topic, open, missed]);
  return timeline;
}

/**
 * A hook: rows around a tick that is looked at, where the timeline begins later.
 * @param {string | null} topic
 * @param {Timeline<Row>} timeline
 */
export function usePast(topic, timeline) {
  const at = ticks.at.value;
  useEffect(() => {
    if (topic === null || at === null || at >= (timeline.offsets[0] ?? 0)) return undefined;
    const timer = setTimeout(() => {
      const to = Math.min(at + AROUND, timeline.offsets[0] - 1);
      query("history", { topic, from: Math.max(1, at - AROUND), to, limit: 2 * AROUND }).then(
        ({ events }) => timeline.merge(events), () => undefined);
    }, SETTLES);
    return () => clearTimeout(timer);
  }, [topic, at]);
}

/** @param {string} topic @param {(data: any) => Row} read */
function kept(topic, read) {
  const known = timelines.get(topic);
  timelines.delete(topic);
  const timeline = known ?? new Timeline((item) => read(item.data));
  timelines.set(topic, timeline);
  if (timelines.size > MOST_TIMELINES) timelines.delete([...timelines.keys()][0]);
  return timeline;
}
