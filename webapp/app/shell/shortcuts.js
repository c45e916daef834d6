/**
 * Keys for the whole page; not while somebody types, nor while a dialog is open.
 */

/** @param {Record<string, () => void>} actions by key */
export function listenForShortcuts(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest("input, textarea, select, dialog")) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
