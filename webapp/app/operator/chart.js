/**
 * Small line charts as SVG. What a chart shows is also said in words, above it and to screen readers.
 */
import { el } from "../dom.js";
import { POINTS } from "./figures.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 240;
const HEIGHT = 56;

/** @typedef {{key: string, label: string}} Line */

/** @param {string} name @param {Record<string, string | number>} attributes */
function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/**
 * The path of a line through values from left to right; holes stay open. Exported for tests.
 *
 * @param {(number | undefined)[]} values the newest last @param {number} top the value at the upper edge
 */
export function pathOf(values, top) {
  const step = WIDTH / (POINTS - 1);
  const left = WIDTH - (values.length - 1) * step;
  let open = false;
  let path = "";
  values.forEach((value, at) => {
    if (value === undefined) {
      open = false;
      return;
    }
    const x = (left + at * step).toFixed(1);
    const y = (HEIGHT - 2 - (Math.min(value, top) / top) * (HEIGHT - 6)).toFixed(1);
    // A line cap shows a point that has no neighbours.
    path += open ? `L${x} ${y}` : `M${x} ${y}h0`;
    open = true;
  });
  return path;
}

/** One chart with one or two lines. */
export class Chart {
  #lines;
  #format;
  #title;
  #svg = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    class: "op-plot",
  });
  #paths;
  #top = el("span", { class: "op-top-value", "aria-hidden": "true" });
  #values;
  /** @type {HTMLElement} */
  element;

  /** @param {string} title @param {Line[]} lines @param {(value: number) => string} format */
  constructor(title, lines, format) {
    this.#title = title;
    this.#lines = lines;
    this.#format = format;
    this.#paths = lines.map((_, at) => svg("path", { class: `op-line l${at}` }));
    this.#svg.append(svg("path", { class: "op-axis", d: `M0 ${HEIGHT - 1}H${WIDTH}` }));
    this.#svg.append(...[...this.#paths].reverse());
    this.#values = lines.map(() => el("b", { text: "–" }));
    this.element = el(
      "figure",
      { class: "card op-chart" },
      el(
        "figcaption",
        {},
        el("span", { class: "op-chart-title", text: title }),
        el(
          "span",
          { class: "op-legend" },
          ...lines.map(({ label }, at) =>
            el("span", { class: `op-key l${at}` }, this.#values[at], ` ${label}`),
          ),
        ),
      ),
      el("div", { class: "op-plot-box" }, this.#top, this.#svg),
    );
    this.show([]);
  }

  /** @param {import("./figures.js").Point[]} points the newest last */
  show(points) {
    const columns = this.#lines.map(({ key }) => points.map((point) => point[key]));
    const finite = columns
      .flat()
      .filter((value) => value !== undefined && Number.isFinite(value))
      .map(Number);
    const top = Math.max(...finite, 0) || 1;
    const said = columns.map((values, at) => {
      const latest = values.findLast((value) => value !== undefined);
      const text = latest === undefined ? "–" : this.#format(latest);
      this.#paths[at].setAttribute("d", pathOf(values, top));
      this.#values[at].textContent = text;
      return `${text} ${this.#lines[at].label}`;
    });
    this.#top.textContent = finite.length === 0 ? "" : this.#format(Math.max(...finite));
    this.#svg.setAttribute(
      "aria-label",
      `${this.#title}, the last two minutes: now ${said.join(", ")}; at most ${this.#format(Math.max(...finite, 0))}`,
    );
  }
}
