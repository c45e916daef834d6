/**
 * The triples of one graph, as last known.
 */

/** @typedef {import("../rdf/terms.js").Triple} Triple */

export class GraphModel {
  /** @type {Map<string, Triple>} */
  triples = new Map();

  get size() {
    return this.triples.size;
  }

  /** @param {{added: Triple[], removed: Triple[]}} change @returns {{added: Triple[], removed: Triple[]}} what it really changed */
  apply({ added, removed }) {
    const gone = removed.filter(({ key }) => this.triples.delete(key));
    const come = added.filter((triple) => {
      if (this.triples.has(triple.key)) return false;
      this.triples.set(triple.key, triple);
      return true;
    });
    return { added: come, removed: gone };
  }

  /** @param {Triple[]} triples what there is now @returns {{added: Triple[], removed: Triple[]}} how it differs */
  replace(triples) {
    const next = new Map(triples.map((triple) => [triple.key, triple]));
    const removed = [...this.triples.values()].filter(({ key }) => !next.has(key));
    const added = triples.filter(({ key }) => !this.triples.has(key));
    this.triples = next;
    return { added, removed };
  }
}

/**
 * What several changes did together: of a triple that came and went, the last counts.
 * @param {{added: Triple[], removed: Triple[]}[]} changes in their order
 * @returns {{added: Triple[], removed: Triple[]}}
 */
export function netChange(changes) {
  /** @type {Map<string, {triple: Triple, isThere: boolean}>} */
  const net = new Map();
  for (const { added, removed } of changes) {
    for (const triple of removed) net.set(triple.key, { triple, isThere: false });
    for (const triple of added) net.set(triple.key, { triple, isThere: true });
  }
  const those = (/** @type {boolean} */ isThere) =>
    [...net.values()].filter((entry) => entry.isThere === isThere).map(({ triple }) => triple);
  return { added: those(true), removed: those(false) };
}
