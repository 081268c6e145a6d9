// @ts-check
/** When charts draw: a few times a second, if they are seen and have something new. */

const HZ = 5;

/** @type {Set<() => void>} */
const drawers = new Set();
let timer = 0;

/**
 * Call `draw` at the pace of charts while the page is seen.
 * @param {() => void} draw does nothing where nothing is new
 * @returns {() => void} ends it
 */
export function paced(draw) {
  drawers.add(draw);
  if (!timer) timer = setInterval(beat, 1000 / HZ);
  return () => {
    drawers.delete(draw);
    if (drawers.size) return;
    clearInterval(timer);
    timer = 0;
  };
}

function beat() {
  if (document.hidden) return;
  for (const draw of [...drawers]) draw();
}
