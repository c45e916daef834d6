/**
 * Reads what the graph service sends: N-Triples and RDF Patch; and what a person types: a term in Turtle.
 */
import { Parser } from "../../js/vendor/n3.js";
import { PREFIXES } from "./names.js";
import { blank, iri, literal, triple } from "./terms.js";

/** @typedef {import("./terms.js").Term} Term @typedef {import("./terms.js").Triple} Triple */

/** @param {string} text @returns {Triple[]} */
export const parseTriples = (text) => parseQuads(text, "N-Triples");

/**
 * @param {string} text lines `A s p o g .` and `D s p o g .`; others say nothing about triples
 * @returns {{added: Triple[], removed: Triple[]}}
 */
export function parsePatch(text) {
  /** @type {{A: string[], D: string[]}} */
  const lines = { A: [], D: [] };
  for (const line of text.split("\n")) {
    const [, verb, rest] = /^([AD]) (.*)$/.exec(line) ?? [];
    if (verb === "A" || verb === "D") lines[verb].push(rest ?? "");
  }
  const read = (/** @type {string[]} */ quads) => parseQuads(quads.join("\n"), "N-Quads");
  return { added: read(lines.A), removed: read(lines.D) };
}

/** @param {string} text @param {string} format @returns {Triple[]} */
function parseQuads(text, format) {
  const parser = new Parser({ format, blankNodePrefix: "" });
  return parser
    .parse(text)
    .map((/** @type {any} */ q) => triple(term(q.subject), term(q.predicate), term(q.object)));
}

/**
 * @param {string} text a term as Turtle writes it: `<…>`, `foaf:name`, `"…"@en`, `42`
 * @returns {Term}
 * @throws {TypeError}
 */
export function parseTerm(text) {
  const prefixes = Object.entries(PREFIXES).map(([name, ns]) => `@prefix ${name}: <${ns}> .`);
  let quads;
  try {
    quads = new Parser({ format: "Turtle" }).parse(
      `${prefixes.join("\n")}\n<x:s> <x:p> ${text.trim()} .`,
    );
  } catch {
    throw new TypeError(`“${text}” is not a term in Turtle`);
  }
  const [quad, ...more] = quads;
  if (quad === undefined || more.length > 0) throw new TypeError(`“${text}” is not one term`);
  const found = term(quad.object);
  if (found.kind === "blank") throw new TypeError("A blank node can't be named here");
  return found.kind === "iri" ? iri(found.value) : found;
}

/** @param {any} node of N3.js @returns {Term} */
function term(node) {
  switch (node.termType) {
    case "NamedNode":
      // RDF Patch writes a blank node as <_:label>; N-Triples has the same label, encoded.
      if (node.value.startsWith("_:")) return blank(encodeLabel(node.value.slice(2)));
      return { kind: "iri", value: node.value, nt: `<${node.value}>` };
    case "BlankNode":
      return blank(node.value);
    default:
      return literal(node.value, {
        language: node.language || undefined,
        datatype: node.datatype.value,
      });
  }
}

/** As Jena encodes a blank node's label in N-Triples. @param {string} label */
const encodeLabel = (label) =>
  `B${label.replace(/[^A-WYZa-z0-9]/g, (char) =>
    char === "X" ? "XX" : `X${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  )}`;
