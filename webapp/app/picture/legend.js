/**
 * What the colours mean, and which links are drawn.
 */
import { byId, el, plural } from "../dom.js";
import { shortIri } from "../rdf/names.js";
import { TYPE_COLOURS } from "./look.js";

/** @param {import("./picture.js").Picture} picture */
export function showLegend(picture) {
  picture.on("drawn", ({ types, predicates, nodes, resources }) => {
    const counts = new Map();
    for (const { type } of nodes.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
    const isMore = types.length > TYPE_COLOURS;
    const named = isMore ? types.slice(0, TYPE_COLOURS - 1) : types;
    const rest = types
      .slice(named.length)
      .reduce((/** @type {number} */ sum, /** @type {string} */ type) => sum + counts.get(type), 0);
    const items = named.map((/** @type {string} */ type, /** @type {number} */ at) =>
      entry(at, shortIri(type), counts.get(type), type),
    );
    if (isMore)
      items.push(
        entry(TYPE_COLOURS - 1, plural(types.length - named.length, "other type"), rest, ""),
      );
    if (counts.has(undefined)) items.push(entry("none", "no type here", counts.get(undefined), ""));
    byId("legend-types").replaceChildren(...items);
    byId("legend-predicates").replaceChildren(
      ...predicates.map((/** @type {any} */ info) => toggle(picture, info)),
    );
    const limit = byId("picture-limit");
    limit.hidden = resources <= nodes.size;
    if (!limit.hidden) limit.replaceChildren(...aboutLimit(picture, nodes.size, resources));
  });
}

/** @param {number | string} colour @param {string} name @param {number} count @param {string} title */
const entry = (colour, name, count, title) =>
  el(
    "li",
    { title },
    el("span", { class: `swatch type-${colour}` }),
    el("span", { class: "name", text: name }),
    el("span", { class: "count", text: count }),
  );

/** @param {import("./picture.js").Picture} picture @param {import("./projection.js").PredicateInfo} info */
function toggle(picture, { predicate, label, links, shown }) {
  const box = el("input", {
    type: "checkbox",
    checked: shown,
    on: { change: () => picture.toggle(predicate, box.checked) },
  });
  return el(
    "label",
    { title: predicate },
    box,
    el("span", { class: "name", text: label }),
    el("span", { class: "count", text: links }),
  );
}

/** @param {import("./picture.js").Picture} picture @param {number} drawn @param {number} resources */
function aboutLimit(picture, drawn, resources) {
  const text = `The ${drawn} most linked of ${resources.toLocaleString("en")} resources are drawn; the table has them all. `;
  if (resources > 1500) return [text];
  return [
    text,
    el(
      "button",
      {
        type: "button",
        class: "link",
        on: { click: () => picture.limit(1500) },
      },
      "Draw all",
    ),
  ];
}
