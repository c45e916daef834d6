/**
 * What of a graph is drawn: resources and the links between them. Literals are in the table, a resource's type is its
 * colour, and predicates that link everything to one and the same thing are left out unless somebody asks for them.
 */
import { labelRank, RDF_TYPE, shortIri, shortTerm } from "../rdf/names.js";

/**
 * @typedef {import("../rdf/terms.js").Triple} Triple
 * @typedef {import("../rdf/terms.js").Term} Term
 * @typedef {{id: string, term: Term, label: string, type: string | undefined, degree: number, isSubject: boolean}} DrawnNode
 * @typedef {{id: string, source: string, target: string, predicate: string, label: string}} DrawnEdge
 * @typedef {{predicate: string, label: string, links: number, shown: boolean}} PredicateInfo
 * @typedef {{nodes: Map<string, DrawnNode>, edges: Map<string, DrawnEdge>, predicates: PredicateInfo[], types: string[], resources: number}} Projection
 */

/** From this many links on, a predicate whose links all end at one resource is not drawn. */
const UNIFORM_FROM = 6;

/**
 * @param {Iterable<Triple>} triples
 * @param {{most: number, shown: Map<string, boolean>, keep: (id: string) => boolean}} options `most` resources at once;
 *   `shown`: what a person decided about predicates; `keep`: resources that stay in the picture where there are too many
 * @returns {Projection}
 */
export function project(triples, { most, shown, keep }) {
  /** @type {Map<string, DrawnNode & {rank: number}>} */
  const all = new Map();
  const node = (/** @type {Term} */ term) => {
    let found = all.get(term.nt);
    if (found === undefined) {
      const label = shortTerm(term, 40);
      found = {
        id: term.nt,
        term,
        label,
        type: undefined,
        degree: 0,
        isSubject: false,
        rank: 99,
      };
      all.set(term.nt, found);
    }
    return found;
  };
  /** @type {Map<string, {links: Triple[], targets: Set<string>}>} */
  const byPredicate = new Map();
  for (const triple of triples) {
    const { s, p, o } = triple;
    const subject = node(s);
    subject.isSubject = true;
    if (o.kind === "literal") {
      const rank = labelRank(p.value);
      if (
        rank >= 0 &&
        (rank < subject.rank || (rank === subject.rank && o.value < subject.label))
      ) {
        subject.label = shortTerm(o, 40);
        subject.rank = rank;
      }
      continue;
    }
    if (p.value === RDF_TYPE && (subject.type === undefined || o.value < subject.type)) {
      subject.type = o.value;
    }
    const entry = byPredicate.get(p.value) ?? { links: [], targets: new Set() };
    byPredicate.set(p.value, entry);
    entry.links.push(triple);
    entry.targets.add(o.nt);
  }
  const predicates = [...byPredicate].map(([predicate, { links, targets }]) => {
    const isUniform = links.length >= UNIFORM_FROM && targets.size === 1;
    const byDefault = predicate !== RDF_TYPE && !isUniform;
    return {
      predicate,
      label: shortIri(predicate),
      links: links.length,
      shown: shown.get(predicate) ?? byDefault,
    };
  });
  predicates.sort((a, b) => b.links - a.links || (a.predicate < b.predicate ? -1 : 1));

  const drawn = predicates.filter((info) => info.shown);
  const links = drawn.flatMap(({ predicate }) => byPredicate.get(predicate)?.links ?? []);
  for (const { s, o } of links) {
    node(s).degree++;
    node(o).degree++;
  }
  const candidates = [...all.values()].filter(({ degree, isSubject }) => isSubject || degree > 0);
  const nodes = new Map(pick(candidates, most, keep).map((entry) => [entry.id, entry]));
  const edges = new Map();
  for (const { key, s, p, o } of links) {
    if (!nodes.has(s.nt) || !nodes.has(o.nt)) continue;
    const label = shortIri(p.value).replace(/^[^:]*:/, "");
    edges.set(key, {
      id: key,
      source: s.nt,
      target: o.nt,
      predicate: p.value,
      label,
    });
  }
  /** @type {Map<string, number>} */
  const types = new Map();
  for (const { type } of nodes.values()) {
    if (type !== undefined) types.set(type, (types.get(type) ?? 0) + 1);
  }
  const byCount = [...types].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return {
    nodes,
    edges,
    predicates,
    types: byCount.map(([type]) => type),
    resources: candidates.length,
  };
}

/**
 * @param {DrawnNode[]} candidates @param {number} most @param {(id: string) => boolean} keep
 * @returns {DrawnNode[]} the most linked, and what is to be kept before anything else
 */
function pick(candidates, most, keep) {
  if (candidates.length <= most) return candidates;
  const weight = (/** @type {DrawnNode} */ { id, degree }) => (keep(id) ? 1e6 : 0) + degree;
  return [...candidates]
    .sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1))
    .slice(0, most);
}
