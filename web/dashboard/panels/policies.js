// @ts-check
/**
 * Why the picked agent acts as it does: its policies with their expected free energy in two parts.
 * @typedef {{actions: string[], probability: number, G: number, epistemic: number, pragmatic: number}} Policy
 */
import { useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { chance, thousandths } from "./format.js";

/** @param {{policies: Policy[], total: number, action: string | undefined, tie: boolean, few: number}} table
 *   `few`: how many are shown at first */
export function Policies({ policies, total, action, tie, few }) {
  const [all, setAll] = useState(false);
  if (!policies.length) return null;
  const shown = all ? policies : policies.slice(0, few);
  const reach = reachOf(policies);
  return h("figure", { class: "policies" },
    h("figcaption", null,
      h("span", { class: "chart-title" }, "Policies"),
      h("span", { class: "quiet" }, "G is a cost in nats, −(epistemic + pragmatic): the lower, the likelier"),
      tie && h("span", { class: "tie", title: "Several actions were equally good; chance decided" }, "tie"),
      action !== undefined && h("span", { class: "best" }, "acted ", h("b", null, action))),
    h("div", { class: "plot-table", tabIndex: 0 }, h("table", null,
      h("thead", null, h("tr", null, ["Actions", "Probability", "G", "Epistemic", "Pragmatic"].map(
        (title) => h("th", { key: title, scope: "col" }, title)))),
      h("tbody", null, shown.map((policy) => h(Row, { policy, reach, action, key: policy.actions.join(" ") }))))),
    h("p", { class: "quiet" }, `${shown.length} of ${total} policies, the likeliest first `,
      policies.length > few && h("button", { type: "button", "aria-pressed": String(all), onClick: () => setAll(!all) },
        all ? "Fewer" : `Show ${policies.length}`)));
}

/** The size that fills half a bar. Pure. @param {Policy[]} policies */
export function reachOf(policies) {
  const sizes = policies.flatMap(({ epistemic, pragmatic }) => [Math.abs(epistemic), Math.abs(pragmatic)]);
  return Math.max(1e-9, ...sizes.filter(Number.isFinite));
}

/** @param {{policy: Policy, reach: number, action: string | undefined}} row */
function Row({ policy, reach, action }) {
  const acted = policy.actions[0] === action;
  return h("tr", { class: acted ? "acted" : "" },
    h("th", { scope: "row" }, policy.actions.join(" → "), acted && h("span", { class: "sr-only" }, " (begins with what was done)")),
    h("td", null, h("span", { class: "with-bar" },
      h("span", { class: "bar-track" }, h("i", { class: "bar-fill", style: { width: `${(100 * policy.probability).toFixed(1)}%` } })),
      chance(policy.probability))),
    h("td", null, thousandths(policy.G)),
    h(Part, { value: policy.epistemic, reach, kind: "epistemic" }),
    h(Part, { value: policy.pragmatic, reach, kind: "pragmatic" }));
}

/** A bar to the right for what speaks for the policy, to the left for what speaks against it.
 * @param {{value: number, reach: number, kind: string}} part */
function Part({ value, reach, kind }) {
  const width = 50 * Math.min(1, Math.abs(value || 0) / reach);
  const left = value >= 0 ? 50 : 50 - width;
  return h("td", null, h("span", { class: `with-bar split ${kind}` },
    h("span", { class: "bar-track" }, h("i", { class: "bar-fill", style: { left: `${left}%`, width: `${width}%` } })),
    thousandths(value)));
}
