// @ts-check
/** The viewer's token, where the server wants one: from the address's fragment, kept per tab. */
import { endpoint } from "../client/index.js";
import { signal } from "./vendor/signals/signals.js";

const KEPT = "stagewatch.token";

/** The token, or null: then the demo endpoint is used. */
export const token = signal(found());

/** Where the page's sockets go. These paths are there whatever the server's settings name besides. */
export function address() {
  return endpoint(token.peek() === null ? "/ws/demo" : "/ws", window.location);
}

/** @param {string} text */
export function setToken(text) {
  const trimmed = text.trim();
  token.value = trimmed === "" ? null : trimmed;
  keep(token.value);
}

/** A token in the fragment never reaches the server's log; it does not stay in the address. */
function found() {
  const inFragment = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (inFragment !== null) {
    const { pathname, search } = window.location;
    history.replaceState(null, "", pathname + search);
    keep(inFragment);
    return inFragment;
  }
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** @param {string | null} value */
function keep(value) {
  try {
    if (value === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, value);
  } catch {
    // Storage may be forbidden; the token then lives as long as the page.
  }
}
