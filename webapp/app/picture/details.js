/**
 * The selected resource: what the graph says of it.
 */
import { byId, el, icon } from "../dom.js";
import { shortIri, shortTerm } from "../rdf/names.js";
import { termView } from "../panels/term-view.js";

const MOST = 40;

/**
 * @param {import("./picture.js").Picture} picture
 * @param {() => Iterable<import("../rdf/terms.js").Triple>} triples
 * @param {(id: string) => void} showInTable
 */
export function showDetails(picture, triples, showInTable) {
  const box = byId("details");
  /** @type {string | undefined} */
  let selected;
  const draw = () => {
    box.hidden = selected === undefined;
    if (selected === undefined) return;
    const of = [...triples()];
    const says = of.filter(({ s }) => s.nt === selected).sort((a, b) => (a.key < b.key ? -1 : 1));
    const said = of.filter(({ o }) => o.nt === selected).sort((a, b) => (a.key < b.key ? -1 : 1));
    const term = says[0]?.s ?? said[0]?.o;
    const label = picture.projection?.nodes.get(selected)?.label ?? (term ? shortTerm(term) : "");
    const link = (/** @type {import("../rdf/terms.js").Term} */ other) =>
      other.kind === "literal"
        ? termView(other, 160)
        : el(
            "button",
            {
              type: "button",
              class: "link",
              on: { click: () => picture.select(other.nt, true) },
            },
            termView(other),
          );
    const row = (/** @type {string} */ name, /** @type {Node} */ value) =>
      el("div", {}, el("dt", { text: name }), el("dd", {}, value));
    box.replaceChildren(
      el(
        "header",
        {},
        el("h3", { text: label }),
        el(
          "button",
          {
            type: "button",
            class: "tool",
            "aria-label": "Close",
            on: { click: () => picture.select(undefined) },
          },
          icon("close"),
        ),
      ),
      el("p", { class: "mono faint iri-line", text: term?.value ?? "" }),
      el(
        "dl",
        {},
        ...says.slice(0, MOST).map(({ p, o }) => row(shortIri(p.value), link(o))),
        ...said.slice(0, MOST).map(({ s, p }) => row(`is ${shortIri(p.value)} of`, link(s))),
      ),
      el(
        "button",
        {
          type: "button",
          class: "small",
          on: { click: () => showInTable(term?.value ?? "") },
        },
        "Show in the table",
      ),
    );
  };
  picture.on("select", (id) => {
    selected = id;
    draw();
  });
  return draw;
}
