/**
 * Small ways to build elements. Text is always set as text, never parsed as HTML.
 */

/** @typedef {Node | string | number | false | null | undefined} Child */

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `class`, `data`, `on` (listeners), `text` and `value` as their names say
 * @param {...(Child | Child[])} children
 * @returns {any} the element
 */
export function el(tag, props = {}, ...children) {
  const element = /** @type {any} */ (document.createElement(tag));
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false || value === null) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "value") element.value = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on") {
      for (const [type, listener] of Object.entries(value))
        element.addEventListener(type, listener);
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter(isShown));
  return element;
}

/** @param {any} child */
const isShown = (child) => child !== undefined && child !== null && child !== false;

/** The element of the page with that id. @param {string} id @returns {any} */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  edit: "M3 13l.6-2.8L10.8 3l2.2 2.2-7.2 7.2zM9.4 4.4l2.2 2.2",
  remove: "M3.5 4.5h9M6.5 4.5V3h3v1.5M4.7 4.5l.6 8.5h5.4l.6-8.5M6.8 7v3.8M9.2 7v3.8",
  check: "M3 8.5l3.2 3.2L13 5",
  find: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3L14 14",
  arrow: "M3 8h10M9 4l4 4-4 4",
};

/** A line icon of 16 by 16. @param {keyof typeof PATHS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of [
    ["viewBox", "0 0 16 16"],
    ["class", "icon"],
    ["aria-hidden", "true"],
  ]) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** @param {number} count @param {string} one @param {string} [many] */
export const plural = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** Calls `run` once for all calls of the same turn, before the next frame. @param {() => unknown} run */
export function oncePerFrame(run) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // Not requestAnimationFrame: it stands still in a tab that nobody looks at.
    setTimeout(() => {
      asked = false;
      run();
    }, 16);
  };
}
