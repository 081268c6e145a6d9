// @ts-check
/** The commands there are now: keys, panels, runs, and what can be done with the chosen one. */
import { mayControl } from "./connection.js";
import { BINDINGS } from "./keys.js";
import { panel, pick, runName } from "./location.js";
import { setSpeed, steerable } from "./steering.js";
import { goLive, looked, shownTick } from "./time/past.js";
import { sheet } from "./time/sheets.js";
import { replayFrom } from "./time/travel.js";
import { told } from "./speeds.js";
import { speedSteps } from "./transport.js";
import { run, runs } from "./watching.js";

/** @typedef {import("./commands.js").Command} Command */

/** @returns {Command[]} */
export function ownCommands() {
  const keyed = BINDINGS.map(({ shown, text, act }) => ({ shown, text, act }));
  return [...keyed, ...timeCommands(), ...speedCommands(), ...runCommands()];
}

/** @returns {Command[]} */
function timeCommands() {
  const [current, at] = [run.peek(), shownTick.peek()];
  if (!current || at === null || !mayControl.peek()) return [];
  if (current.replay) return [{ text: `Back to ${current.replay.run}`, act: goLive }];
  return [
    { text: `Fork from tick ${at}…`, act: () => { sheet.value = "fork"; } },
    { text: `Replay from tick ${looked.peek() === null ? 1 : at}`, act: () => { replayFrom(looked.peek() === null ? 1 : at); } },
    { text: "Change an agent…", act: () => { panel.value = "agents"; } },
    { text: "Let go of the picked agent", act: () => pick(null) },
  ];
}

/** @returns {Command[]} */
function speedCommands() {
  return steerable.peek() ? speedSteps().map((speed) => ({ text: `Speed ${told(speed)}`, act: () => { setSpeed(speed.hz); } })) : [];
}

/** @returns {Command[]} */
function runCommands() {
  return (runs.peek() ?? []).filter(({ run: name }) => name !== runName.peek()).map(({ run: name, scenario, state }) => (
    { text: `Show run ${name} (${scenario}, ${state})`, act: () => { runName.value = name; } }));
}
