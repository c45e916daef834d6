/**
 * The tab's `sessionStorage`. Where the browser blocks it nothing is kept, and the page works all the same.
 */

/** @param {string} key @returns {string | undefined} */
export function recall(key) {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {string | undefined} value `undefined` removes it */
export function remember(key, value) {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // It lasts as long as the page.
  }
}
