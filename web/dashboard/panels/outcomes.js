// @ts-check
/** What the picked agent observed, beside what it had expected to observe. */
import { h } from "../vendor/preact/preact.js";
import { chance, numbers } from "./format.js";
import { shownOutcomes } from "./shown.js";

/** @param {{modalities: [string, string[]][], belief: any}} view */
export function Outcomes({ modalities, belief }) {
  return h("figure", { class: "outcomes" },
    h("figcaption", null, h("span", { class: "chart-title" }, "Observed and predicted"),
      h("span", { class: "quiet" }, "● observed; bars: how likely it had been")),
    h("div", { class: "modalities" }, modalities.map(([name, labels]) => h(Modality, {
      key: name,
      name,
      labels,
      observed: labels.indexOf(belief.observation?.[name]),
      predicted: numbers(belief.predicted?.[name]),
    }))));
}

/** @param {{name: string, labels: string[], observed: number, predicted: ArrayLike<number> | null}} modality */
function Modality({ name, labels, observed, predicted }) {
  const shown = predicted ? shownOutcomes(predicted, observed) : observed < 0 ? [] : [observed];
  return h("div", { class: "bars" },
    h("b", { class: "modality" }, name.replaceAll("_", " ")),
    shown.map((i) => h("div", { class: `bar${i === observed ? " observed" : ""}`, key: i },
      h("span", { class: "bar-name", title: labels[i] }, i === observed ? "● " : "", labels[i],
        i === observed && h("span", { class: "sr-only" }, " (observed)")),
      h("span", { class: "bar-track" },
        h("i", { class: "bar-fill", style: { width: `${(100 * (predicted?.[i] ?? 0)).toFixed(2)}%` } })),
      h("span", { class: "bar-value" }, predicted ? chance(predicted[i]) : "–"))));
}
