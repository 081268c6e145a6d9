// @ts-check
/** Dark or light: what the address says, else what was chosen here before, else the system's. */
import { computed, effect, signal } from "./vendor/signals/signals.js";
import { part } from "./location.js";

const KEPT = "stagewatch.theme";
const systemLight = window.matchMedia("(prefers-color-scheme: light)");
const system = signal(systemLight.matches ? "light" : "dark");
systemLight.addEventListener("change", () => {
  system.value = systemLight.matches ? "light" : "dark";
});

const inAddress = part("theme");
const chosen = signal(kept());

/** Whether the page is dark now. */
export const dark = computed(() => {
  const asked = inAddress.value ?? chosen.value ?? system.value;
  return asked !== "light";
});

effect(() => { document.documentElement.dataset.theme = dark.value ? "dark" : "light"; });

export function toggleTheme() {
  const next = dark.value ? "light" : "dark";
  chosen.value = next;
  inAddress.value = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // Storage may be forbidden; the address keeps the choice.
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
