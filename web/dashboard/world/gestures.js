// @ts-check
/**
 * Pointer, wheel and keys on the world: zoom, pan, hover, pick.
 * @typedef {{
 *   zoom: (factor: number, x?: number, y?: number) => boolean,
 *   pan: (x: number, y: number) => void,
 *   fit: () => void,
 *   hover: (x: number, y: number) => void,
 *   leave: () => void,
 *   pick: (x: number, y: number) => void,
 *   step: (by: number) => void,
 * }} Actions  places in CSS pixels; `zoom` is about the middle unless told, and says
 *   whether anything changed
 */

const CLICK = 5; // pixels that a click may move
const PAN = 60;

/**
 * @param {HTMLElement} element
 * @param {Actions} actions
 * @returns {() => void} ends it
 */
export function listen(element, actions) {
  const ends = [wheel(element, actions), pointers(element, actions), keys(element, actions)];
  return () => ends.forEach((end) => end());
}

/**
 * @template {keyof HTMLElementEventMap} Name
 * @param {HTMLElement} element
 * @param {Name} name
 * @param {(event: HTMLElementEventMap[Name]) => void} listener
 */
function on(element, name, listener) {
  element.addEventListener(name, listener, { passive: false });
  return () => element.removeEventListener(name, listener);
}

/** @param {HTMLElement} element @param {{clientX: number, clientY: number}} event @returns {[number, number]} */
function placeIn(element, event) {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** @param {HTMLElement} element @param {Actions} actions */
function wheel(element, actions) {
  return on(element, "wheel", (event) => {
    const lines = event.deltaMode === 1 ? 16 : 1;
    const factor = Math.exp(-event.deltaY * lines * 0.0022);
    // Zoomed out all the way, the wheel belongs to the page again.
    if (actions.zoom(factor, ...placeIn(element, event))) event.preventDefault();
  });
}

/** @param {HTMLElement} element @param {Actions} actions */
function pointers(element, actions) {
  /** @type {Map<number, [number, number]>} */
  const held = new Map();
  let moved = 0;
  const ends = [
    on(element, "pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      held.set(event.pointerId, placeIn(element, event));
      if (held.size === 1) moved = 0;
    }),
    on(element, "pointermove", (event) => {
      const at = placeIn(element, event);
      const before = held.get(event.pointerId);
      if (!before) return actions.hover(...at);
      moved += Math.abs(at[0] - before[0]) + Math.abs(at[1] - before[1]);
      if (held.size === 2) pinch(held, event.pointerId, at, actions);
      else if (moved > CLICK) actions.pan(at[0] - before[0], at[1] - before[1]);
      held.set(event.pointerId, at);
      element.classList.toggle("dragged", moved > CLICK);
    }),
    on(element, "pointerup", (event) => {
      if (held.delete(event.pointerId) && moved <= CLICK) actions.pick(...placeIn(element, event));
      element.classList.remove("dragged");
    }),
    on(element, "pointercancel", (event) => {
      held.delete(event.pointerId);
      element.classList.remove("dragged");
    }),
    on(element, "pointerleave", () => actions.leave()),
  ];
  return () => ends.forEach((end) => end());
}

/** @param {Map<number, [number, number]>} held @param {number} moved @param {[number, number]} at @param {Actions} actions */
function pinch(held, moved, at, actions) {
  const before = held.get(moved);
  const other = [...held].find(([pointer]) => pointer !== moved)?.[1];
  if (!before || !other) return;
  const apart = Math.hypot(before[0] - other[0], before[1] - other[1]);
  const now = Math.hypot(at[0] - other[0], at[1] - other[1]);
  actions.zoom(now / Math.max(1, apart), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  actions.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
}

/** @param {HTMLElement} element @param {Actions} actions */
function keys(element, actions) {
  /** @type {Record<string, () => void>} */
  const known = {
    "+": () => actions.zoom(1.4),
    "=": () => actions.zoom(1.4),
    "-": () => actions.zoom(1 / 1.4),
    0: () => actions.fit(),
    ArrowLeft: () => actions.pan(PAN, 0),
    ArrowRight: () => actions.pan(-PAN, 0),
    ArrowUp: () => actions.pan(0, PAN),
    ArrowDown: () => actions.pan(0, -PAN),
    n: () => actions.step(1),
    p: () => actions.step(-1),
  };
  return on(element, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in known)) return;
    known[event.key]();
    // The page's own keys have another meaning for these.
    event.preventDefault();
    event.stopPropagation();
  });
}
