// @ts-check
/** The scenarios that the server knows; they do not change while it lives. */
import { effect, signal, untracked } from "../vendor/signals/signals.js";
import { client, connection } from "../connection.js";

/**
 * @typedef {import("./fields.js").Schema} Schema
 * @typedef {{name: string, title: string, text?: string, hz?: number, parameters: Schema,
 *   references: string[]}} Scenario
 */

export const scenarios = signal(/** @type {Scenario[] | null} */ (null));

/** Why they could not be had. */
export const scenariosError = signal(/** @type {string | null} */ (null));

effect(() => {
  if (connection.value.state === "OPEN") untracked(loadScenarios);
});

export function loadScenarios() {
  scenariosError.value = null;
  client.query("scenarios.list").then(
    (result) => { scenarios.value = result.scenarios; },
    (error) => { scenariosError.value = error.message; },
  );
}
