// @ts-check
/** Shown when the server refused: why, and where a token can be given. */
import { h } from "./vendor/preact/preact.js";
import { useState } from "./vendor/preact/hooks.js";
import { client, connection, tokenWanted } from "./connection.js";
import { setToken } from "./token.js";

export function TokenForm() {
  const [typed, setTyped] = useState("");
  const connect = (/** @type {Event} */ event) => {
    event.preventDefault();
    setToken(typed);
    client.open();
  };
  return h("form", { class: "empty token", onSubmit: connect },
    h("h2", null, tokenWanted.value ? "The server wants a token" : "Not connected"),
    h("p", null, tokenWanted.value ? "It lets nobody in without one." : connection.value.reason ?? "The connection was closed."),
    h("label", { for: "token" }, "Token"),
    h("input", {
      id: "token", type: "password", value: typed, autocomplete: "off", spellcheck: false,
      onInput: (/** @type {any} */ event) => setTyped(event.currentTarget.value),
    }),
    h("p", { class: "quiet" }, "stagewatch token --sub NAME --scopes observe,control prints one. It stays in this tab."),
    h("button", { class: "primary", type: "submit" }, "Connect"));
}
