// @ts-check
/** Whether something is seen, and how much it may move. */
import { visible } from "../stage.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";

/**
 * True while the element is in the window and the window is shown.
 * @param {{current: Element | null}} element
 */
export function useOnScreen(element) {
  const [inside, setInside] = useState(false);
  useEffect(() => {
    if (!element.current) return undefined;
    const observer = new IntersectionObserver(
      (entries) => setInside(entries[entries.length - 1].isIntersecting));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element.current]);
  return inside && visible.value;
}

/** Whether the reader asked for little motion. */
export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
