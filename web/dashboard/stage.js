// @ts-check
/**
 * What the page knows, as signals, and the one connection that all of it shares. Panels import
 * from here only.
 *
 * A panel reads the signals, and gets events by `useTopic` (or `subscribe`), answers by `query`
 * and `command`. While the tab is hidden nothing is subscribed but the runs' states. `resumed`
 * rises whenever events may be missing: who shows a history reads it anew then.
 */
import { useEffect, useRef } from "./vendor/preact/hooks.js";
import { client, connection } from "./connection.js";
import { subscribe, visible } from "./visible.js";

export { connection, established, mayControl, roundTrip } from "./connection.js";
export { panel, part, pick, pickedAgent, runName } from "./location.js";
export { dark } from "./theme.js";
export { resumed, subscribe, visible } from "./visible.js";
export { crowd, metrics, run, runs, tick, tickRate } from "./watching.js";

/**
 * @typedef {import("../client/types.js").StageEvent} StageEvent
 * @typedef {import("../client/types.js").SubscribeOptions} SubscribeOptions
 * @typedef {import("../client/types.js").Listener} Listener
 */

/**
 * A hook: the events of a topic or pattern while the component is there; null for none.
 * @param {string | null} pattern
 * @param {SubscribeOptions} options
 * @param {Listener} listener the newest one is called
 */
export function useTopic(pattern, options, listener) {
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => {
    if (pattern === null) return undefined;
    return subscribe(pattern, options, (event) => newest.current(event));
  }, [pattern, options.mode, options.max_hz]);
}

/**
 * A hook: what a query answers, asked anew when its name, params or the connection change and
 * every `every` milliseconds while the tab is seen; null until the first answer.
 * @param {string | null} name null asks nothing
 * @param {Record<string, any>} params
 * @param {{every?: number, onResult: (result: any) => void, onError?: (error: any) => void}} options
 */
export function useQuery(name, params, { every = 0, onResult, onError }) {
  const takers = useRef({ onResult, onError });
  takers.current = { onResult, onError };
  const key = name === null ? null : JSON.stringify([name, params]);
  const open = connection.value.state === "OPEN";
  useEffect(() => {
    if (name === null || !open) return undefined;
    let live = true;
    const ask = () => {
      if (!visible.peek()) return;
      client.query(name, params).then(
        (result) => { if (live) takers.current.onResult(result); },
        (error) => { if (live) takers.current.onError?.(error); },
      );
    };
    ask();
    const timer = every > 0 ? setInterval(ask, every) : undefined;
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, [key, open, every]);
}

/**
 * @param {string} name
 * @param {Record<string, any>} [params]
 * @returns {Promise<any>} rejects with a StageError: code, message, details, temporary
 */
export function query(name, params = {}) {
  return client.query(name, params);
}

/**
 * @param {string} name
 * @param {Record<string, any>} [params]
 * @returns {Promise<any>} settles after the command took effect
 */
export function command(name, params = {}) {
  return client.command(name, params);
}
