// @ts-check
/** Parts of the page whose code is loaded when they are first shown. */
import { h } from "./vendor/preact/preact.js";
import { useEffect, useState } from "./vendor/preact/hooks.js";
import { notify } from "./notices.js";

/**
 * A component that draws nothing until the one that it stands for is there.
 * @template {Record<string, any>} Props
 * @param {() => Promise<(props: Props) => any>} load
 * @returns {(props: Props) => any}
 */
export function late(load) {
  /** @type {((props: Props) => any) | null} */
  let found = null;
  return function Late(props) {
    const [, draw] = useState(false);
    useEffect(() => {
      if (found) return;
      load().then(
        (part) => {
          found = part;
          draw(true);
        },
        () => notify("This part could not be loaded. The server may have another version by now: reload the page."),
      );
    }, []);
    return found && h(/** @type {any} */ (found), props);
  };
}
