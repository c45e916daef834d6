/**
 * Updates of single triples, in SPARQL.
 */

/** @typedef {import("./terms.js").Triple} Triple */

/**
 * @param {string} graph its IRI
 * @param {{add?: Triple[], remove?: Triple[]}} change
 * @returns {string} one update: all of it happens, or nothing
 */
export function updateText(graph, { add = [], remove = [] }) {
  const block = (/** @type {string} */ verb, /** @type {Triple[]} */ triples) =>
    `${verb} DATA { GRAPH <${graph}> {\n${triples.map(({ key }) => `  ${key} .\n`).join("")}} }`;
  return [
    ...(remove.length > 0 ? [block("DELETE", remove)] : []),
    ...(add.length > 0 ? [block("INSERT", add)] : []),
  ].join(" ;\n");
}

/** Whether a SPARQL text is an update rather than a query. @param {string} text */
export function isUpdate(text) {
  const plain = text.replace(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|<[^>\s]*>|#[^\n]*/g, " ");
  const first =
    /\b(SELECT|ASK|CONSTRUCT|DESCRIBE|INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b/i.exec(
      plain,
    );
  return first !== null && !/^(SELECT|ASK|CONSTRUCT|DESCRIBE)$/i.test(first[0]);
}
