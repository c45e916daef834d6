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

/**
 * The message of a SPARQL parser for people: where, and what stands there; not the dozens of words that could.
 *
 * @param {string} message of the service @param {string} text the query
 * @returns {{sentence: string, at?: number}} `at`: the place in the text
 */
export function syntaxProblem(message, text) {
  const place = /line (\d+), column (\d+)/.exec(message);
  if (place === null) return { sentence: message };
  const [line, column] = place.slice(1).map(Number);
  const at =
    text
      .split("\n")
      .slice(0, line - 1)
      .join("\n").length +
    (line > 1 ? 1 : 0) +
    column -
    1;
  const word = /^\S+/.exec(text.slice(at))?.[0];
  const found = word === undefined ? "the text ends too early" : `“${word}” can’t stand here`;
  return { sentence: `This is not SPARQL: line ${line}, column ${column}: ${found}.`, at };
}
