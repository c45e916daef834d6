/**
 * A term as an element: what matters in ink, the rest faint; the whole in the tool tip.
 */
import { el } from "../dom.js";
import { marked } from "../visible.js";
import { clip, shortIri, splitIri } from "../rdf/names.js";

/** @param {import("../rdf/terms.js").Term} term @param {number} [most] characters of a literal */
export function termView(term, most = 220) {
  if (term.kind === "literal") {
    const { value, language, datatype } = term;
    return el(
      "span",
      { class: "term literal", title: value.length > most ? value : term.nt },
      el("span", { class: "text", text: marked(clip(value, most)) }),
      language && el("span", { class: "tag", text: language }),
      datatype && el("span", { class: "tag", text: shortIri(datatype) }),
    );
  }
  if (term.kind === "blank")
    return el("span", {
      class: "term blank",
      text: `_:${clip(term.value, 12)}`,
      title: term.value,
    });
  const { space, local } = splitIri(term.value);
  return el(
    "span",
    { class: "term iri", title: term.value },
    el("span", { class: "space", text: space }),
    el("wbr"),
    local,
  );
}
