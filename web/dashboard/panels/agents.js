// @ts-check
/** Panel 1: the world, its agents as a table, and the one that is picked. */
import { h } from "../vendor/preact/preact.js";
import { AgentTable } from "./agent_table.js";
import { Happened } from "./happened.js";
import { Inspector } from "./inspector.js";
import { WorldView } from "./world_view.js";

export { AgentTable, Inspector, WorldView };

export function AgentsPanel() {
  return h("div", { class: "panel-agents" }, h(WorldView, null),
    h("div", { class: "panel-side" }, h(Inspector, null), h(Happened, null)), h(AgentTable, null));
}
