/**
 * Reads what a person typed as a term.
 */
import { PREFIXES } from "../rdf/names.js";
import { parseTerm } from "../rdf/parse.js";
import { iri, literal } from "../rdf/terms.js";

/** @typedef {import("../rdf/terms.js").Term} Term @typedef {"text" | "resource" | "turtle"} TermKind */

/**
 * @param {string} text
 * @param {TermKind} kind a plain text; an IRI or a prefixed name; or any term in Turtle
 * @returns {Term}
 * @throws {TypeError} with a sentence for people
 */
export function readTerm(text, kind) {
  if (kind === "text") return literal(text);
  const typed = text.trim();
  if (typed === "") throw new TypeError("Something is missing");
  if (kind === "turtle") return parseTerm(typed);
  const [, prefix = "", local = ""] = /^([A-Za-z]*):(.*)$/.exec(typed) ?? [];
  const namespace = PREFIXES[prefix];
  if (namespace !== undefined) return iri(namespace + local);
  return iri(typed.replace(/^<(.*)>$/, "$1"));
}

/** @param {Term} term @returns {TermKind} how it is best edited */
export function kindOf(term) {
  if (term.kind === "iri") return "resource";
  return term.language || term.datatype ? "turtle" : "text";
}

/** @param {Term} term @returns {string} what is typed for it */
export function typedText(term) {
  switch (kindOf(term)) {
    case "text":
    case "resource":
      return term.value;
    default:
      return term.nt;
  }
}
