/**
 * How IRIs and literals are shown to people.
 */

import { marked, visible } from "../visible.js";

/** @typedef {import("./terms.js").Term} Term */

/** @type {Record<string, string>} */
export const PREFIXES = {
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  owl: "http://www.w3.org/2002/07/owl#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
  foaf: "http://xmlns.com/foaf/0.1/",
  org: "http://www.w3.org/ns/org#",
  skos: "http://www.w3.org/2004/02/skos/core#",
  dcterms: "http://purl.org/dc/terms/",
  schema: "http://schema.org/",
  sdo: "https://schema.org/",
};

export const RDF_TYPE = `${PREFIXES.rdf}type`;

/** Predicates whose literals name a resource, the best first. */
const LABELS = [
  `${PREFIXES.rdfs}label`,
  `${PREFIXES.foaf}name`,
  `${PREFIXES.skos}prefLabel`,
  `${PREFIXES.dcterms}title`,
  `${PREFIXES.schema}name`,
];

/** How good a label that predicate gives; -1 if none. @param {string} predicate */
export const labelRank = (predicate) => LABELS.indexOf(predicate);

/**
 * @param {string} value an IRI
 * @returns {{space: string, local: string}} what is shown faintly, and what matters
 */
export function splitIri(value) {
  for (const [prefix, namespace] of Object.entries(PREFIXES)) {
    const local = value.slice(namespace.length);
    if (value.startsWith(namespace) && /^[^/#]+$/.test(local))
      return { space: `${prefix}:`, local };
  }
  const at = Math.max(value.lastIndexOf("/", value.length - 2), value.lastIndexOf("#"));
  if (at > value.indexOf("://") + 2 && at < value.length - 1) {
    const before = Math.max(value.lastIndexOf("/", at - 1), value.lastIndexOf("#", at - 1));
    return {
      space: value.slice(before + 1, at + 1),
      local: readable(value.slice(at + 1)),
    };
  }
  return { space: "", local: readable(value.replace(/^https?:\/\//, "")) };
}

/** @param {string} text */
function readable(text) {
  try {
    return visible(decodeURIComponent(text));
  } catch {
    return visible(text);
  }
}

/** @param {string} value an IRI @returns {string} its short form: `foaf:name`, or the last part */
export function shortIri(value) {
  const { space, local } = splitIri(value);
  return space.endsWith(":") ? `${space}${local}` : local;
}

/** @param {Term} term @param {number} [most] characters */
export function shortTerm(term, most = 60) {
  if (term.kind === "iri") return splitIri(term.value).local;
  if (term.kind === "blank") return `_:${term.value.slice(0, 8)}`;
  return marked(clip(term.value, most));
}

/** @param {string} text @param {number} most */
export const clip = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A term as a person can type it in Turtle. @param {Term} term */
export function asTyped(term) {
  if (term.kind !== "iri") return term.nt;
  const short = shortIri(term.value);
  return /^[a-z]+:[A-Za-z_][\w-]*$/.test(short) ? short : term.nt;
}
