/**
 * Light or dark: as the system says, unless somebody chose. Runs before the page is shown.
 */

const KEY = "longspan.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light" | "dark"} */
export function currentTheme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return system.matches ? "dark" : "light";
}

export function toggleTheme() {
  const next = currentTheme() === "dark" ? "light" : "dark";
  const isSystem = (next === "dark") === system.matches;
  if (isSystem) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (isSystem) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Private windows may forbid it; the choice then lasts as long as the page.
  }
  tell();
}

/** @param {() => void} listener */
export function onTheme(listener) {
  listeners.add(listener);
}

/** @type {Set<() => void>} */
const listeners = new Set();
const tell = () => listeners.forEach((listener) => listener());
system.addEventListener("change", tell);
try {
  const stored = localStorage.getItem(KEY);
  if (stored) document.documentElement.dataset.theme = stored;
} catch {
  // As above.
}
