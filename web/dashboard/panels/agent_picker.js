// @ts-check
/** Another agent by its number. */
import { pick, pickedAgent, run } from "../stage.js";
import { h } from "../vendor/preact/preact.js";
import { identityOf } from "../world/identity.js";

export function AgentPicker() {
  const agent = pickedAgent.value;
  const current = run.value;
  if (!current?.agents) return null;
  const { agents } = current;
  // Who comes and goes has no neighbours by number.
  const fixed = identityOf(current.columns) === null;
  const step = (/** @type {number} */ by) => pick(((agent ?? (by > 0 ? -1 : 0)) + by + agents) % agents);
  const typed = (/** @type {Event} */ event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.currentTarget);
    if (value !== "" && (!fixed || Number(value) < agents)) pick(Number(value));
  };
  return h("div", { class: "picker" },
    h("label", null, fixed ? "Agent " : "Agent number ", h("input", {
      type: "number", min: 0, max: fixed ? agents - 1 : undefined, value: agent ?? "", placeholder: "none", onChange: typed,
    })),
    fixed && h("button", { type: "button", "aria-label": "Previous agent", onClick: () => step(-1) }, "‹"),
    fixed && h("button", { type: "button", "aria-label": "Next agent", onClick: () => step(1) }, "›"),
    agent !== null && h("button", { type: "button", onClick: () => pick(null) }, "Let go"));
}
