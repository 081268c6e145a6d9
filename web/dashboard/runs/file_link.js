// @ts-check
/** A link to a file of the server. A token does not go into an address, so with one the file is fetched. */
import { download } from "../charts/save.js";
import { notify } from "../notices.js";
import { token } from "../token.js";
import { h } from "../vendor/preact/preact.js";

/** @param {{href: string, name: string, label: string, text: string}} props `name`: of the file that is saved */
export function FileLink({ href, name, label, text }) {
  const onClick = (/** @type {Event} */ event) => {
    if (token.peek() === null) return;
    event.preventDefault();
    fetch(href, { headers: { Authorization: `Bearer ${token.peek()}` } })
      .then((answer) => (answer.ok ? answer.blob() : Promise.reject(new Error(answer.statusText))))
      .then((body) => download(name, body))
      .catch((error) => notify(`The file could not be had: ${error.message}`));
  };
  return h("a", { href, download: name, onClick, "aria-label": label }, text);
}
