// @ts-check
/**
 * What can be changed of a run's agents, from what is known of their model. Pure.
 * @typedef {import("../watching.js").Run} Run
 * @typedef {import("../watching.js").ModelInfo} ModelInfo
 * @typedef {{name: string, title: string, options: string[]}} Choice
 * @typedef {"observation" | "belief" | "reset" | "move" | "precision" | "preferences" | "stop" | "restart"} Kind
 * @typedef {{kind: Kind, name: string, option: number, number: string, numbers: string[]}} Filled
 */

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
];

const PLACES = ["place", "location"];

/** Whether the run takes changes: its agents have minds, and it is no replay. @param {Run} run */
export function isChangeable({ model, replay }) {
  return !replay && (model?.modalities.length ?? 0) > 0;
}

/** What has to be chosen for a kind: a modality with its outcomes, a factor with its states.
 * @param {Kind} kind @param {ModelInfo} model @returns {Choice[]} */
export function choicesFor(kind, model) {
  const factors = model.factors.map(({ name, states }) => ({ name, title: readable(name), options: states }));
  if (kind === "belief") return factors;
  if (kind === "move") return factors.filter(({ name }) => name === placeFactor(model)?.name);
  if (kind !== "observation" && kind !== "preferences") return [];
  return model.modalities.map(([name, options]) => ({ name, title: readable(name), options }));
}

/** The kinds that this model has something for. @param {ModelInfo} model */
export function kindsFor(model) {
  return KINDS.filter(({ kind }) => (
    !["observation", "belief", "move", "preferences"].includes(kind) || choicesFor(kind, model).length > 0));
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
 * @param {ModelInfo} model
 * @returns {{command: string, params: Record<string, any>} | {wrong: string}}
 */
export function commandOf({ kind, name, option, number, numbers }, model) {
  if (kind === "stop" || kind === "restart") return { command: `agent.${kind}`, params: {} };
  if (kind === "reset") return perturb({ reset: true });
  if (kind === "precision") {
    const value = Number(number);
    return number.trim() && value >= 0 && Number.isFinite(value) ? perturb({ precision: value }) : { wrong: "A number from 0 on is needed." };
  }
  const choice = choicesFor(kind, model).find((one) => one.name === name);
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
