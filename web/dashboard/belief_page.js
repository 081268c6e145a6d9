// @ts-check
/** The belief panel as a page of its own. */
import { h } from "./vendor/preact/preact.js";
import { BeliefPanel } from "./panels/belief.js";

export function BeliefPage() {
  return h(BeliefPanel, { compact: false });
}
