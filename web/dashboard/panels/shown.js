// @ts-check
/**
 * What is shown of much. Pure.
 * @typedef {import("./actor_tree.js").Actor} Actor
 */

const MANY_CHILDREN = 12; // from which a node of the tree begins closed
const MOST_STATES = 12;
const MOST_OUTCOMES = 8;
const LEAST_CHANCE = 0.001;

/**
 * The nodes that are shown, from top to bottom.
 * @param {Actor} actor
 * @param {ReadonlyMap<string, boolean>} open what was opened and closed by hand
 * @param {number} [depth]
 * @returns {{actor: Actor, depth: number, isOpen: boolean}[]}
 */
export function shownActors(actor, open, depth = 0) {
  const isOpen = open.get(actor.path) ?? actor.children.length <= MANY_CHILDREN;
  const below = isOpen ? actor.children.flatMap((child) => shownActors(child, open, depth + 1)) : [];
  return [{ actor, depth, isOpen }, ...below];
}

/** The likeliest states first where there are too many. @param {ArrayLike<number>} posterior */
export function shownStates(posterior) {
  const states = Array.from({ length: posterior.length }, (_, state) => state);
  if (states.length <= MOST_STATES) return states;
  return states.sort((one, other) => posterior[other] - posterior[one]).slice(0, MOST_STATES);
}

/**
 * The outcomes worth showing: the observed one and the most expected.
 * @param {ArrayLike<number>} predicted
 * @param {number} observed -1: none
 */
export function shownOutcomes(predicted, observed) {
  const order = Array.from({ length: predicted.length }, (_, i) => i);
  if (order.length <= MOST_OUTCOMES) return order;
  const likely = order.sort((a, b) => predicted[b] - predicted[a]).slice(0, MOST_OUTCOMES)
    .filter((outcome) => predicted[outcome] >= LEAST_CHANCE);
  if (observed >= 0 && !likely.includes(observed)) likely.splice(MOST_OUTCOMES - 1, 1, observed);
  return likely.sort((a, b) => a - b);
}
