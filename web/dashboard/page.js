// @ts-check
/** The page: its head, the panel that is shown, and the transport bar. */
import { h } from "./vendor/preact/preact.js";
import { useEffect, useState } from "./vendor/preact/hooks.js";
import { connection, established } from "./connection.js";
import { Header } from "./header.js";
import { listen } from "./keys.js";
import { late } from "./late.js";
import { panel } from "./location.js";
import { Notices } from "./notices.js";
import { placeOf } from "./places.js";
import { Transport } from "./transport.js";
import { entry, run, runs } from "./watching.js";

/** @typedef {import("./places.js").Place} Place */
/** @typedef {import("./places.js").Panel} Panel */

const Help = late(async () => (await import("./help.js")).Help);
const Palette = late(async () => {
  const [{ Palette: found }, { ownCommands }] = await Promise.all([import("./palette.js"), import("./own_commands.js")]);
  return (/** @type {{onClose: () => void}} */ props) => h(found, { ...props, commands: ownCommands });
});
const TokenForm = late(async () => (await import("./token_form.js")).TokenForm);

export function Page() {
  const [dialog, setDialog] = useState(/** @type {"help" | "palette" | null} */ (null));
  useEffect(() => listen({ help: () => setDialog("help"), palette: () => setDialog("palette") }), []);
  const place = placeOf(panel.value);
  useEffect(() => {
    document.title = [run.value?.run, place.title, "Stagewatch"].filter(Boolean).join(" · ");
  }, [place, run.value?.run]);
  return h("div", { class: "page" },
    h("a", { class: "skip", href: "#content" }, "To the content"),
    h(Header, { onHelp: () => setDialog("help") }),
    h("main", { id: "content", class: "content", "data-panel": place.name, tabIndex: -1 },
      h("h1", { class: "spoken" }, place.title), h(Content, { place })),
    h(Transport, null),
    h(Notices, null),
    dialog === "help" && h(Help, { onClose: () => setDialog(null) }),
    dialog === "palette" && h(Palette, { onClose: () => setDialog(null) }));
}

/** @param {{place: Place}} props */
function Content({ place }) {
  const { state, retryAt } = connection.value;
  const loaded = useLoaded(place);
  if (state === "CLOSED" && retryAt === null) return h(TokenForm, null);
  if (established.value === null) return h(Waiting, null);
  if (!place.withoutRun) {
    if (runs.value !== null && runs.value.length === 0) return h(Empty, null);
    if (run.value === null) return h(NoWorld, null);
  }
  if (loaded === "failed") {
    return h("p", { class: "empty" }, "This panel could not be loaded. The server may have another version by now: reload the page.");
  }
  return loaded && h(loaded.panel, null);
}

/** A hook: the place's panel once it is there. @param {Place} place @returns {{panel: Panel} | "failed" | null} */
function useLoaded(place) {
  const [found, setFound] = useState(/** @type {{place: Place, panel: Panel | null} | null} */ (null));
  useEffect(() => {
    let wanted = true;
    place.load().then(
      (panelOf) => { if (wanted) setFound({ place, panel: panelOf }); },
      () => { if (wanted) setFound({ place, panel: null }); },
    );
    return () => { wanted = false; };
  }, [place]);
  if (found?.place !== place) return null;
  return found.panel ? { panel: found.panel } : "failed";
}

function Waiting() {
  return h("div", { class: "empty" }, h("p", null, "Connecting to the server…"),
    connection.value.reason && h("p", { class: "quiet" }, connection.value.reason));
}

/** The run is there, but not what it looks like. */
function NoWorld() {
  const known = entry.value;
  if (known?.state === "failed") {
    return h("div", { class: "empty" }, h("h2", null, `${known.run} has failed`),
      h("p", { class: "error" }, known.reason ?? "Its worker did not say why."), h(ToRuns, null));
  }
  if (known?.state === "finished") {
    return h("div", { class: "empty" }, h("h2", null, `${known.run} has ended`),
      h("p", null, "Its record can be shown again, forked and downloaded from the list of runs."), h(ToRuns, null));
  }
  return h("p", { class: "empty" }, known ? `${known.run} is starting…` : "Asking for the run…");
}

function ToRuns() {
  return h("button", { class: "primary", onClick: () => { panel.value = "runs"; } }, "To the runs");
}

function Empty() {
  return h("div", { class: "empty" },
    h("h2", null, "No run yet"),
    h("p", null, "A run is a world with its agents. Start one, and they appear here."),
    h("button", { class: "primary", onClick: () => { panel.value = "runs"; } }, "Start a run"));
}
