/**
 * How the picture is drawn, in the colours of the page.
 */

/** Colours of the types, by their place in the legend; the last is for all further ones. */
export const TYPE_COLOURS = 7;

/** @param {Element} element whose custom properties are read */
export function readColours(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    faint: read("--faint"),
    line: read("--edge"),
    surface: read("--surface"),
    accent: read("--accent"),
    added: read("--added"),
    removed: read("--removed"),
    changed: read("--changed"),
    untyped: read("--type-none"),
    types: Array.from({ length: TYPE_COLOURS }, (_, at) => read(`--type-${at}`)),
  };
}

/** @param {ReturnType<typeof readColours>} colours @returns {any[]} a style of Cytoscape */
export function look(colours) {
  const size = (/** @type {any} */ node) => Math.min(46, 20 + 4 * Math.sqrt(node.data("degree")));
  return [
    {
      selector: "node",
      style: {
        width: size,
        height: size,
        "background-color": (/** @type {any} */ node) =>
          colours.types[node.data("colour")] ?? colours.surface,
        "border-width": 1.5,
        "border-color": (/** @type {any} */ node) =>
          colours.types[node.data("colour")] ?? colours.untyped,
        label: "data(label)",
        color: colours.ink,
        "font-family": "system-ui, sans-serif",
        "font-size": 13,
        "font-weight": 500,
        "min-zoomed-font-size": 6,
        "text-valign": "bottom",
        "text-margin-y": 5,
        "text-max-width": "170px",
        "text-wrap": "ellipsis",
        "text-outline-color": colours.surface,
        "text-outline-width": 2.5,
        "underlay-shape": "ellipse",
        "overlay-opacity": 0,
        "transition-property": "opacity",
        "transition-duration": 150,
      },
    },
    {
      selector: "edge",
      style: {
        width: 1.4,
        "line-color": colours.line,
        "target-arrow-color": colours.line,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        "curve-style": "bezier",
        "overlay-opacity": 0,
        "font-size": 10,
        "font-family": "system-ui, sans-serif",
        color: colours.faint,
        "min-zoomed-font-size": 7,
        "text-rotation": "autorotate",
        "text-outline-color": colours.surface,
        "text-outline-width": 2.5,
      },
    },
    { selector: "edge.labelled", style: { label: "data(label)" } },
    { selector: "node.unlabelled", style: { "text-opacity": 0 } },
    { selector: ".dimmed", style: { opacity: 0.18 } },
    {
      selector: "node:selected",
      style: {
        "border-width": 4,
        "border-color": colours.accent,
        "font-weight": 700,
        "text-opacity": 1,
      },
    },
    {
      selector: "edge.near",
      style: {
        "line-color": colours.accent,
        "target-arrow-color": colours.accent,
        label: "data(label)",
        color: colours.ink,
      },
    },
    halo("node.added", colours.added, {
      "border-color": colours.added,
      "border-width": 4,
    }),
    halo("node.changed", colours.changed, {
      "border-color": colours.changed,
      "border-width": 3,
    }),
    halo("edge.added", colours.added, {
      "line-color": colours.added,
      "target-arrow-color": colours.added,
      width: 3,
      label: "data(label)",
    }),
    halo("node.gone", colours.removed, {
      "border-color": colours.removed,
      "border-style": "dashed",
      "border-width": 3,
      color: colours.removed,
    }),
    halo("edge.gone", colours.removed, {
      "line-color": colours.removed,
      "target-arrow-color": colours.removed,
      "line-style": "dashed",
      width: 3,
      label: "data(label)",
    }),
  ];
}

/** @param {string} selector @param {string} colour @param {object} more */
const halo = (selector, colour, more) => ({
  selector,
  style: {
    "underlay-color": colour,
    "underlay-padding": selector.startsWith("node") ? 12 : 6,
    "underlay-opacity": 0.32,
    "z-index": 10,
    ...more,
  },
});
