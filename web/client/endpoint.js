// @ts-check
/** Where to connect. */

const DEMO = "/api/v1/ws/demo";
const GENERAL = "/api/v1/ws";

/**
 * The WebSocket's address from a setting such as `NEXT_PUBLIC_WS_URL`. Empty is this host: its demo
 * endpoint, or with a token the general one. A path alone is meant on this host; http becomes ws.
 * @param {string | undefined | null} setting
 * @param {{href: string}} location the page's
 * @param {{token?: boolean}} [options]
 * @returns {string}
 */
export function endpoint(setting, location, { token = false } = {}) {
  const given = (setting ?? "").trim();
  const url = new URL(given === "" ? (token ? GENERAL : DEMO) : given, location.href);
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  url.protocol = secure ? "wss:" : "ws:";
  url.hash = "";
  return url.href;
}
