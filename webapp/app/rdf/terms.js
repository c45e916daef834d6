/**
 * RDF terms and triples as plain values. `nt` is a term in N-Triples, which is also how SPARQL writes it; it identifies
 * the term.
 *
 * @typedef {{kind: "iri" | "blank" | "literal", value: string, language?: string, datatype?: string, nt: string}} Term
 * @typedef {{key: string, s: Term, p: Term, o: Term}} Triple
 */

const XSD_STRING = "http://www.w3.org/2001/XMLSchema#string";
const FORBIDDEN_IN_IRI = /[\u0000-\u0020<>"{}|^`\\]/;

/** @param {string} value @returns {Term} @throws {TypeError} if it can't be an IRI */
export function iri(value) {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value) || FORBIDDEN_IN_IRI.test(value)) {
    throw new TypeError(`“${value}” is not an absolute IRI`);
  }
  return { kind: "iri", value, nt: `<${value}>` };
}

/** @param {string} label @returns {Term} */
export const blank = (label) => ({
  kind: "blank",
  value: label,
  nt: `_:${label}`,
});

/** @param {string} value @param {{language?: string, datatype?: string}} [type] @returns {Term} */
export function literal(value, { language, datatype } = {}) {
  const text = `"${escape(value)}"`;
  if (language) return { kind: "literal", value, language, nt: `${text}@${language}` };
  if (datatype && datatype !== XSD_STRING) {
    return { kind: "literal", value, datatype, nt: `${text}^^<${datatype}>` };
  }
  return { kind: "literal", value, nt: text };
}

const ESCAPES = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * SPARQL replaces \uXXXX before it reads strings, some parsers even after a backslash that is itself escaped. So a "u"
 * after a backslash is written as \u0075: no reading of it can end the string.
 * @param {string} value
 */
function escape(value) {
  return value
    .replace(/[\\"\n\r\t]/g, (char) => ESCAPES[/** @type {keyof typeof ESCAPES} */ (char)])
    .replace(/[\u0000-\u001f\u007f\ud800-\udfff]/gu, (char) => codePoint(char))
    .replace(/\\\\([uU])/g, (_, letter) => `\\\\${codePoint(letter)}`);
}

/** @param {string} char */
const codePoint = (char) =>
  `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** @param {Term} s @param {Term} p @param {Term} o @returns {Triple} */
export const triple = (s, p, o) => ({
  key: `${s.nt} ${p.nt} ${o.nt}`,
  s,
  p,
  o,
});

/** Whether SPARQL's INSERT DATA and DELETE DATA can name it: they can't mean an existing blank node. @param {Triple} t */
export const isNameable = ({ s, o }) => s.kind !== "blank" && o.kind !== "blank";
