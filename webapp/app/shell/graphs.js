/**
 * The graphs there are, and which of them is shown. The choice is in the address, so that it can be shared and survives a
 * reload.
 */
import { describe } from "../bridge/bridge.js";
import { byId, el } from "../dom.js";
import { Emitter } from "../events.js";
import { TRANSACTIONS } from "../graph/topic.js";
import { shortIri } from "../rdf/names.js";
import { iri } from "../rdf/terms.js";

/** @typedef {import("../graph/service.js").GraphEntry} GraphEntry */

/** Emits `choose` (a graph's IRI) and `list` (the entries changed). */
export class GraphChoice extends Emitter {
  /** @type {Map<string, GraphEntry>} */
  entries = new Map();
  /** @type {string | undefined} */
  current;
  /** Changes of other graphs that nobody has looked at. @type {Map<string, number>} */
  #unseen = new Map();
  #select = byId("graph");

  /**
   * @param {import("../bridge/bridge.js").Bridge} bridge
   * @param {import("../graph/service.js").GraphService} service
   */
  constructor(bridge, service) {
    super();
    this.bridge = bridge;
    this.service = service;
    this.#select.addEventListener("change", () => this.choose(this.#select.value));
    addEventListener("hashchange", () => {
      const named = fromAddress();
      if (named !== undefined && named !== this.current) this.choose(named);
    });
    bridge.on("back", () => void this.refresh());
    this.#dialog();
  }

  /** Reads the list, follows it, and chooses the first graph to show. */
  async open() {
    await this.bridge.subscribe(TRANSACTIONS, (message) => this.#completed(message.json()));
    await this.refresh();
    this.choose(fromAddress() ?? this.current ?? [...this.entries.keys()][0] ?? "");
  }

  async refresh() {
    try {
      const graphs = await this.service.graphs();
      this.entries = new Map(graphs.map((entry) => [entry.uri, entry]));
      this.#draw();
      this.emit("list");
    } catch (error) {
      byId("graph-facts").textContent = describe(error);
    }
  }

  /** @param {string} graph */
  choose(graph) {
    if (graph === "") return;
    this.current = graph;
    this.#unseen.delete(graph);
    history.replaceState(null, "", `#graph=${encodeURIComponent(graph)}`);
    this.#draw();
    this.emit("choose", graph);
  }

  /** @param {{graphs: {graph: string, added: number, removed: number, revision: number}[], otherGraphs: number}} transaction */
  #completed({ graphs, otherGraphs }) {
    let isKnown = !otherGraphs;
    for (const { graph, added, removed, revision } of graphs) {
      const entry = this.entries.get(graph);
      if (entry === undefined) isKnown = false;
      else
        this.entries.set(graph, {
          ...entry,
          revision,
          triples: entry.triples + added - removed,
        });
      if (graph !== this.current) this.#unseen.set(graph, (this.#unseen.get(graph) ?? 0) + 1);
    }
    if (isKnown) {
      this.#draw();
      this.emit("list");
    } else {
      void this.refresh();
    }
  }

  #draw() {
    const known = [...this.entries.values()];
    const option = (/** @type {string} */ uri, /** @type {string} */ facts) => {
      const unseen = this.#unseen.get(uri);
      const news = unseen === undefined ? "" : `● ${unseen} new · `;
      return el("option", {
        value: uri,
        text: `${news}${shortIri(uri)}${facts}`,
        title: uri,
      });
    };
    const options = known.map(({ uri, triples, revision }) =>
      option(uri, ` · ${triples.toLocaleString("en")} triples · r${revision}`),
    );
    if (this.current !== undefined && !this.entries.has(this.current))
      options.push(option(this.current, " · new"));
    this.#select.replaceChildren(...options);
    if (this.current !== undefined) this.#select.value = this.current;
    const news = [...this.#unseen.values()].reduce((sum, count) => sum + count, 0);
    this.#select.parentElement.dataset.news = news === 0 ? "" : String(news);
    byId("known-graphs").replaceChildren(...known.map(({ uri }) => el("option", { value: uri })));
  }

  #dialog() {
    const dialog = byId("graph-dialog");
    const input = byId("graph-iri");
    const error = byId("graph-error");
    const say = (/** @type {unknown} */ problem) => {
      error.hidden = problem === undefined;
      error.textContent = problem === undefined ? "" : describe(problem);
    };
    byId("new-graph").addEventListener("click", () => {
      say(undefined);
      dialog.showModal();
      input.select();
    });
    const use = (/** @type {boolean} */ create) => async (/** @type {Event} */ event) => {
      event.preventDefault();
      say(undefined);
      try {
        const graph = iri(input.value.trim()).value;
        if (create) await this.service.create(graph);
        dialog.close();
        await this.refresh();
        this.choose(graph);
      } catch (problem) {
        say(problem);
      }
    };
    byId("graph-open").addEventListener("click", use(false));
    byId("graph-form").addEventListener("submit", use(true));
  }
}

function fromAddress() {
  const [, encoded] = /^#graph=(.+)$/.exec(location.hash) ?? [];
  try {
    return encoded === undefined ? undefined : iri(decodeURIComponent(encoded)).value;
  } catch {
    return undefined;
  }
}
