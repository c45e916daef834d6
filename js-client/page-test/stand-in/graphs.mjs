// services/graph in memory, as far as the page uses it: whole-graph CONSTRUCT, SELECT on triple patterns, INSERT DATA and
// DELETE DATA, load, create.
import { randomUUID } from "node:crypto";
import { DataFactory, Parser } from "n3";

const nt = (term) => {
  if (term.termType === "NamedNode") return `<${term.value}>`;
  if (term.termType === "BlankNode") return `_:B${term.value}`;
  const text = JSON.stringify(term.value).replaceAll("\x7f", "\\u007F");
  if (term.language) return `${text}@${term.language}`;
  const type = term.datatype.value;
  return type.endsWith("#string") ? text : `${text}^^<${type}>`;
};
const patchTerm = (term) => (term.termType === "BlankNode" ? `<_:${term.value}>` : nt(term));
const keyOf = (quad) => `${nt(quad.subject)} ${nt(quad.predicate)} ${nt(quad.object)}`;

export class ServiceError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class StandInGraphs {
  /** @type {Map<string, {quads: Map<string, any>, revision: number, writers: Set<string>}>} */
  #graphs = new Map();

  /** @param {(topic: string, properties: object, body: string) => void} publish */
  constructor(publish) {
    this.publish = publish;
  }

  seed(uri, turtle, writers) {
    const quads = new Map(new Parser().parse(turtle).map((quad) => [keyOf(quad), quad]));
    this.#graphs.set(uri, { quads, revision: 1, writers: new Set(writers) });
  }

  /** @returns {{contentType: string, parts: string[]}} */
  answer(user, { operation, graph, pageSize = 500, mode = "replace", revision }, body) {
    const json = (value) => ({ contentType: "application/json", parts: [JSON.stringify(value)] });
    switch (operation) {
      case "graphs":
        return json({
          graphs: [...this.#graphs].map(([uri, { quads, revision, writers }]) => ({
            uri,
            triples: quads.size,
            writable: writers.has(user),
            revision,
          })),
        });
      case "query":
        return this.#query(graph, body, pageSize);
      case "create":
        return json(this.#commit(user, graph, [], [], { always: true }));
      case "load":
        return json(this.#load(user, graph, mode, body, revision));
      case "update":
        return json(this.#update(user, body));
      default:
        throw new ServiceError("badRequest", `unknown operation: ${operation}`);
    }
  }

  /** The parts of the state of a graph's topic; none for other topics. */
  snapshot(topic) {
    const [, encoded] = /^namedgraphs\/\((.*)\)$/.exec(topic) ?? [];
    if (encoded === undefined) return [];
    const graph = decodeURIComponent(encoded);
    const { contentType, parts } = this.#query(graph, "CONSTRUCT", 1000);
    const revision = this.#graphs.get(graph)?.revision ?? 0;
    return parts.map((body, at) => {
      const done = String(at === parts.length - 1);
      return { properties: { contentType, revision, sequence: at + 1, done }, body };
    });
  }

  #query(graph, text, pageSize) {
    const quads = graph
      ? [...(this.#graphs.get(graph)?.quads.values() ?? [])]
      : [...this.#graphs.values()].flatMap(({ quads }) => [...quads.values()]);
    const pages = (rows, write) => {
      const parts = [];
      for (let at = 0; at < rows.length || at === 0; at += pageSize) {
        parts.push(write(rows.slice(at, at + pageSize)));
      }
      return parts;
    };
    if (/^\s*CONSTRUCT/i.test(text)) {
      const write = (page) => page.map((quad) => `${keyOf(quad)} .\n`).join("");
      return { contentType: "application/n-triples", parts: pages(quads, write) };
    }
    const select =
      /((?:PREFIX[^\n]*\n\s*)*)SELECT\s+(?:DISTINCT\s+)?(.*?)\s+(?:WHERE\s*)?\{(.*)\}/is.exec(text);
    if (!select)
      throw new ServiceError("syntax", 'SPARQL: Encountered " <VAR>" at line 1, column 1.');
    const patterns = new Parser({ format: "text/n3" }).parse(
      `${select[1]}${select[3]} .`.replace(/\.\s*\.\s*$/, "."),
    );
    let rows = [{}];
    for (const pattern of patterns) {
      rows = rows.flatMap((row) =>
        quads.flatMap((quad) => {
          const next = { ...row };
          for (const at of ["subject", "predicate", "object"]) {
            const wanted = pattern[at];
            const name = wanted.termType === "Variable" ? wanted.value : undefined;
            const bound = name ? next[name] : wanted;
            if (bound && !bound.equals(quad[at])) return [];
            if (name) next[name] = quad[at];
          }
          return [next];
        }),
      );
    }
    const limit = /LIMIT\s+(\d+)/i.exec(text);
    if (limit) rows = rows.slice(0, Number(limit[1]));
    const names =
      select[2] === "*"
        ? Object.keys(rows[0] ?? {})
        : select[2].split(/\s+/).map((v) => v.slice(1));
    const types = { NamedNode: "uri", BlankNode: "bnode", Literal: "literal" };
    const binding = (term) => ({
      type: types[term.termType],
      value: term.value,
      ...(term.language ? { "xml:lang": term.language } : {}),
    });
    const write = (page) =>
      JSON.stringify({
        head: { vars: names },
        results: {
          bindings: page.map((row) =>
            Object.fromEntries(names.flatMap((n) => (row[n] ? [[n, binding(row[n])]] : []))),
          ),
        },
      });
    return { contentType: "application/json", parts: pages(rows, write) };
  }

  #load(user, uri, mode, turtle, label) {
    let quads;
    try {
      // As the real service does with needless backslashes.
      quads = new Parser().parse(
        turtle.replace(/\\_/g, (m, at) => (turtle[at - 1] === "\\" ? m : "\\\\_")),
      );
    } catch (error) {
      throw new ServiceError("syntax", `Turtle: ${error.message}`);
    }
    const now = this.#graphs.get(uri)?.quads ?? new Map();
    const next = new Map(quads.map((quad) => [keyOf(quad), quad]));
    const removed =
      mode === "add" ? [] : [...now.values()].filter((quad) => !next.has(keyOf(quad)));
    return this.#commit(user, uri, [...next.values()], removed, { always: true, label });
  }

  #update(user, text) {
    const results = [];
    const transaction = randomUUID();
    const parts = [
      ...text.matchAll(/(INSERT|DELETE) DATA \{((?:"(?:[^"\\]|\\.)*"|[^"])*?\}\s*)\}\s*(?:;|$)/g),
    ];
    if (parts.length === 0)
      throw new ServiceError("syntax", "SPARQL: not an update that the stand-in knows");
    const byGraph = new Map();
    for (const [, verb, data] of parts) {
      for (const quad of new Parser({ format: "trig" }).parse(data)) {
        const change = byGraph.get(quad.graph.value) ?? { INSERT: [], DELETE: [] };
        byGraph.set(quad.graph.value, change);
        change[verb].push(DataFactory.quad(quad.subject, quad.predicate, quad.object));
      }
    }
    for (const [uri, { INSERT, DELETE }] of byGraph) {
      results.push(...this.#commit(user, uri, INSERT, DELETE, { transaction }).graphs);
    }
    return { transaction, graphs: results };
  }

  #commit(user, uri, toAdd, toRemove, { always = false, label, transaction = randomUUID() } = {}) {
    let state = this.#graphs.get(uri);
    if (state && !state.writers.has(user)) {
      throw new ServiceError("forbidden", `You may not write ${uri}.`);
    }
    state ??= { quads: new Map(), revision: 0, writers: new Set([user]) };
    this.#graphs.set(uri, state);
    const removed = toRemove.filter((quad) => state.quads.delete(keyOf(quad)));
    const added = toAdd.filter((quad) => {
      const isNew = !state.quads.has(keyOf(quad));
      state.quads.set(keyOf(quad), quad);
      return isNew;
    });
    if (removed.length + added.length === 0 && !always) return { transaction, graphs: [] };
    const revision = ++state.revision;
    const line = (verb) => (quad) =>
      `${verb} ${patchTerm(quad.subject)} ${patchTerm(quad.predicate)} ${patchTerm(quad.object)} <${uri}> .\n`;
    const patch = `H id <urn:uuid:${transaction}> .\nTX .\n${removed.map(line("D")).join("")}${added.map(line("A")).join("")}TC .\n`;
    const counts = { added: added.length, removed: removed.length, revision };
    const properties = {
      contentType: "application/rdf-patch",
      transaction,
      graph: uri,
      user,
      ...counts,
    };
    if (label) properties.label = label;
    const encoded = encodeURIComponent(uri).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    const truncated = patch.length >= 262_144;
    this.publish(
      `namedgraphs/(${encoded})`,
      { ...properties, ...(truncated ? { truncated } : {}) },
      truncated ? "" : patch,
    );
    const graphs = [{ graph: uri, ...counts }];
    this.publish(
      "transactions/completed",
      { contentType: "application/json" },
      JSON.stringify({ transaction, user, time: new Date().toISOString(), graphs, otherGraphs: 0 }),
    );
    return { transaction, graphs };
  }
}
