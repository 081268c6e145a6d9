// @ts-check
/** The head of the page: what is seen, where one can go, and how all of it fares. */
import { h } from "./vendor/preact/preact.js";
import { client, connection, roundTrip } from "./connection.js";
import { announcement, condition } from "./condition.js";
import { Icon } from "./icons.js";
import { panel } from "./location.js";
import { grouped } from "./panels/format.js";
import { PANELS } from "./places.js";
import { dark, toggleTheme } from "./theme.js";
import { crowd, metrics, run, tickRate } from "./watching.js";

/** @param {{onHelp: () => void}} props */
export function Header({ onHelp }) {
  return h("header", { class: "head" },
    h("a", { class: "brand", href: "/", onClick: home, "aria-label": "Stagewatch, overview" },
      h(Mark, null), h("span", null, "Stagewatch")),
    h(Navigation, null),
    h(Figures, null),
    h(ConditionChip, null),
    h("div", { class: "tools" },
      h("button", {
        class: "quiet icon-only", onClick: toggleTheme, title: "Theme (D)",
        "aria-label": dark.value ? "Light theme" : "Dark theme",
      }, h(Icon, { name: dark.value ? "sun" : "moon" })),
      h("button", { class: "quiet icon-only", onClick: onHelp, title: "Keys and help (?)", "aria-label": "Keys and help" }, "?")),
    h("p", { class: "spoken", "aria-live": "polite" }, announcement.value));
}

/** @param {MouseEvent} event */
function home(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  panel.value = null;
}

function Mark() {
  return h("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true", class: "mark" },
    h("path", { d: "M2 15.5h16" }), h("path", { d: "M5 15.5a5 5 0 0110 0" }),
    h("circle", { cx: 10, cy: 6, r: 2.2 }));
}

function Navigation() {
  return h("nav", { class: "places", "aria-label": "Panels" }, PANELS.map(({ name, title, key }) =>
    h("a", {
      key, href: name === "overview" ? "/" : `/?panel=${name}`, title: `${title} (${key})`,
      "aria-current": (panel.value ?? "overview") === name ? "page" : undefined,
      onClick: (/** @type {MouseEvent} */ event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        panel.value = name === "overview" ? null : name;
      },
    }, title, h("kbd", { "aria-hidden": "true" }, key))));
}

function Figures() {
  const open = connection.value.state === "OPEN";
  const rate = open && run.value?.state === "running" ? tickRate.value : null;
  const viewers = metrics.value?.connections?.viewers;
  const trip = roundTrip.value;
  const agents = crowd.value && crowd.value.run === run.value?.run ? crowd.value.agents : run.value?.agents;
  return h("dl", { class: "head-figures" },
    h(Figure, { title: "Round trip", value: trip === null ? "–" : trip < 10 ? trip.toFixed(1) : trip.toFixed(0), unit: "ms" }),
    h(Figure, { title: "Ticks", value: rate === null ? "–" : rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate)), unit: "/s" }),
    h(Figure, { title: "Agents", value: agents === undefined ? "–" : grouped(agents) }),
    h(Figure, { title: "Viewers", value: typeof viewers === "number" ? grouped(viewers) : "–" }));
}

/** @param {{title: string, value: string, unit?: string}} props */
function Figure({ title, value, unit }) {
  return h("div", { class: "figure-pair", "data-figure": title.toLowerCase() },
    h("dt", null, title), h("dd", null, value, unit && value !== "–" && h("span", { class: "unit" }, ` ${unit}`)));
}

function ConditionChip() {
  const { tone, text, detail } = condition.value;
  const waits = connection.value.state === "CLOSED";
  return h("button", {
    class: `condition ${tone}`, title: detail, disabled: !waits,
    onClick: () => (connection.value.retryAt === null ? client.open() : client.retryNow()),
  }, h("i", { class: "lamp", "aria-hidden": "true" }), text);
}
