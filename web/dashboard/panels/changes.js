// @ts-check
/**
 * What can be changed of a run's agents: minds by what is known of their model, the edges of a
 * network, and bodies that have a place and no mind. Pure.
 * @typedef {import("../watching.js").Run} Run
 * @typedef {import("../watching.js").ModelInfo} ModelInfo
 * @typedef {{name: string, title: string, options: string[]}} Choice
 * @typedef {"observation" | "belief" | "reset" | "move" | "precision" | "preferences" | "stop" | "restart" | "cut" | "add"} Kind
 * @typedef {{kind: Kind, name: string, option: number, number: string, numbers: string[]}} Filled
 */

import { identityOf } from "../world/identity.js";

/** @type {{kind: Kind, title: string, all: boolean}[]} `all`: it concerns all agents, never one */
export const KINDS = [
  { kind: "observation", title: "Next observation", all: false },
  { kind: "belief", title: "Clamp belief", all: false },
  { kind: "reset", title: "Reset belief", all: false },
  { kind: "move", title: "Move", all: false },
  { kind: "precision", title: "Precision γ", all: true },
  { kind: "preferences", title: "Preferences C", all: true },
  { kind: "stop", title: "Stop", all: false },
  { kind: "restart", title: "Restart", all: false },
  { kind: "cut", title: "Cut an edge", all: false },
  { kind: "add", title: "Add an edge", all: false },
];

/** @type {Kind[]} */
const EDGES = ["cut", "add"];
/** @type {Kind[]} */
const BODIES = ["move", "stop", "restart"];
const CELL = /^\s*\d+\s*,\s*\d+\s*$/;

const PLACES = ["place", "location"];

/** Whether the run takes changes; a replay does not. @param {Run} run */
export function isChangeable(run) {
  return !run.replay && kindsFor(run).length > 0;
}

/** Whether the agents plan by a model. @param {Pick<Run, "model">} run */
function haveMinds({ model }) {
  return (model?.modalities.length ?? 0) > 0;
}

/** Whether a kind is about one agent and names another, or a cell, by a number or two.
 * @param {Kind} kind @param {Pick<Run, "model">} run */
export function isByNumber(kind, run) {
  return EDGES.includes(kind) || (kind === "move" && !haveMinds(run));
}

/** What has to be chosen for a kind: a modality with its outcomes, a factor with its states.
 * @param {Kind} kind @param {ModelInfo | null} model @returns {Choice[]} */
export function choicesFor(kind, model) {
  if (!model) return [];
  const factors = model.factors.map(({ name, states }) => ({ name, title: readable(name), options: states }));
  if (kind === "belief") return factors;
  if (kind === "move") return factors.filter(({ name }) => name === placeFactor(model)?.name);
  if (kind !== "observation" && kind !== "preferences") return [];
  return model.modalities.map(([name, options]) => ({ name, title: readable(name), options }));
}

/** The kinds that this run has something for. Those who come and go are not told apart by rows.
 * @param {Pick<Run, "model" | "params" | "view" | "columns">} run */
export function kindsFor(run) {
  const { model, params, view, columns } = run;
  if (model && haveMinds(run)) {
    return KINDS.filter(({ kind }) => !EDGES.includes(kind) && (
      !["observation", "belief", "move", "preferences"].includes(kind) || choicesFor(kind, model).length > 0));
  }
  if ("network" in params) return KINDS.filter(({ kind }) => EDGES.includes(kind));
  const isBody = !model && view.kind === "grid" && identityOf(columns) === null;
  return isBody ? KINDS.filter(({ kind }) => BODIES.includes(kind)) : [];
}

/** The factor whose states are where an agent can be. @param {ModelInfo} model */
export function placeFactor({ factors }) {
  return factors.find(({ grid }) => grid) ?? factors.find(({ name }) => PLACES.includes(name)) ?? null;
}

/**
 * The place that a cell of the world is; -1 where it is none.
 * @param {Pick<Run, "view">} run
 * @param {import("../watching.js").Factor} factor
 * @param {number} column
 * @param {number} row
 */
export function placeAt({ view }, factor, column, row) {
  if (factor.grid) {
    const [rows, columns] = factor.grid;
    return column >= 0 && row >= 0 && column < columns && row < rows ? row * columns + column : -1;
  }
  const label = view.marks.find(({ x, y }) => x === column && y === row)?.label;
  return label === undefined ? -1 : factor.states.indexOf(label);
}

/**
 * The command for what was filled in, or what is wrong with it.
 * @param {Filled} filled
 * @param {Pick<Run, "model">} run
 * @returns {{command: string, params: Record<string, any>} | {wrong: string}}
 */
export function commandOf({ kind, name, option, number, numbers }, run) {
  if (kind === "stop" || kind === "restart") return { command: `agent.${kind}`, params: {} };
  if (kind === "reset") return perturb({ reset: true });
  if (kind === "precision") {
    const value = Number(number);
    return number.trim() && value >= 0 && Number.isFinite(value) ? perturb({ precision: value }) : { wrong: "A number from 0 on is needed." };
  }
  if (isByNumber(kind, run)) {
    if (kind === "move") return CELL.test(number) ? perturb({ move: number.replace(/\s/g, "") }) : { wrong: "A cell is a column and a row, such as 3,4." };
    return /^\s*\d+\s*$/.test(number) ? perturb({ [kind]: Number(number) }) : { wrong: "The number of another agent is needed." };
  }
  const choice = choicesFor(kind, run.model).find((one) => one.name === name);
  if (!choice) return { wrong: "Choose what is to be changed." };
  if (kind === "preferences") {
    const logs = choice.options.map((_, i) => Number(numbers[i] ?? 0));
    return logs.every(Number.isFinite) ? perturb({ preferences: { [name]: logs } }) : { wrong: "Preferences are numbers." };
  }
  if (!(option in choice.options)) return { wrong: "Choose one of the list." };
  return perturb({ [kind]: kind === "move" ? choice.options[option] : { [name]: choice.options[option] } });
}

/** @param {Record<string, any>} change */
function perturb(change) {
  return { command: "agent.perturb", params: change };
}

/** @param {string} name */
function readable(name) {
  return name.replaceAll("_", " ");
}
