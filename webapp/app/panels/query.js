/**
 * The query box: SPARQL on the graph or on all of them; results arrive in parts.
 */
import { byId, el, plural } from "../dom.js";
import { describe } from "../bridge/bridge.js";
import { parseTriples } from "../rdf/parse.js";
import { isUpdate, syntaxProblem } from "../rdf/sparql.js";
import { blank, literal } from "../rdf/terms.js";
import { visible } from "../visible.js";
import { termView } from "./term-view.js";

const RDFS = "http://www.w3.org/2000/01/rdf-schema#";
const EXAMPLES = {
  "Everything, 50 rows":
    "SELECT ?subject ?predicate ?object\nWHERE { ?subject ?predicate ?object }\nLIMIT 50",
  "What types are there":
    "SELECT ?type (COUNT(?thing) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things)",
  Names: `PREFIX rdfs: <${RDFS}>\nPREFIX foaf: <http://xmlns.com/foaf/0.1/>\nSELECT ?thing ?name\nWHERE { ?thing rdfs:label|foaf:name ?name }\nORDER BY ?name`,
  "Classes above classes": `PREFIX rdfs: <${RDFS}>\nCONSTRUCT WHERE { ?class rdfs:subClassOf ?above }`,
  "How large are the graphs (all graphs)":
    "SELECT ?graph (COUNT(*) AS ?triples)\nWHERE { GRAPH ?graph { ?s ?p ?o } }\nGROUP BY ?graph",
};
const MAX_ROWS = 2000;

export class QueryPanel {
  /** @type {AbortController | undefined} */
  #running;

  /**
   * @param {import("../graph/service.js").GraphService} service
   * @param {() => string | undefined} currentGraph
   */
  constructor(service, currentGraph) {
    this.service = service;
    this.currentGraph = currentGraph;
    const examples = Object.keys(EXAMPLES);
    this.example = el(
      "select",
      { "aria-label": "Example", id: "query-example" },
      el("option", { value: "", text: "Examples …" }),
      ...examples.map((name) => el("option", { value: name, text: name })),
    );
    this.text = el("textarea", {
      id: "query-text",
      class: "code",
      rows: 7,
      spellcheck: "false",
      "aria-label": "SPARQL",
      value: EXAMPLES["Everything, 50 rows"],
    });
    this.everywhere = el("input", { type: "checkbox", id: "query-all" });
    this.run = el("button", { class: "primary", id: "query-run" }, "Run");
    this.stop = el(
      "button",
      {
        type: "button",
        hidden: true,
        on: { click: () => this.#running?.abort() },
      },
      "Stop",
    );
    this.status = el("p", {
      class: "facts",
      id: "query-status",
      role: "status",
    });
    this.error = el("p", {
      class: "message",
      role: "alert",
      hidden: true,
      id: "query-error",
    });
    this.result = el("div", {
      class: "scroll",
      tabindex: "0",
      role: "region",
      "aria-label": "Result",
      id: "query-result",
    });
    const form = el(
      "form",
      { class: "query-form" },
      this.text,
      el(
        "div",
        { class: "buttons" },
        this.example,
        el("label", { class: "check" }, this.everywhere, "All graphs"),
        el("span", { class: "spring" }),
        this.status,
        this.stop,
        this.run,
      ),
    );
    byId("panel-query").append(form, this.error, this.result);
    this.result.append(
      el("p", {
        class: "empty-line",
        text: "SELECT, ASK, CONSTRUCT and DESCRIBE are answered here, in parts if they are long; updates are run.",
      }),
    );
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#run();
    });
    this.text.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    this.example.addEventListener("change", () => {
      const name = /** @type {keyof typeof EXAMPLES} */ (this.example.value);
      if (EXAMPLES[name] === undefined) return;
      this.text.value = EXAMPLES[name];
      this.everywhere.checked = name.includes("all graphs");
      this.example.value = "";
      this.text.focus();
    });
  }

  async #run() {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    const started = performance.now();
    const graph = this.everywhere.checked ? undefined : this.currentGraph();
    const text = this.text.value;
    this.error.hidden = true;
    this.stop.hidden = false;
    this.status.textContent = "Running …";
    const took = () => `${(performance.now() - started).toFixed(0)} ms`;
    try {
      if (isUpdate(text)) {
        const { graphs } = await this.service.update(text, graph);
        this.#updated(graphs);
        this.status.textContent = took();
      } else {
        const result = new Result(this.result);
        for await (const part of this.service.query(text, {
          graph,
          signal: running.signal,
        })) {
          result.add(part);
          this.status.textContent = `${result.summary} · ${took()}`;
        }
      }
    } catch (error) {
      if (this.#running !== running) return;
      this.status.textContent = "";
      this.error.hidden = false;
      const { sentence, at } = syntaxProblem(describe(error), text);
      this.error.textContent = visible(sentence);
      if (at !== undefined && this.text.value === text) {
        this.text.focus();
        this.text.setSelectionRange(at, at + (/^\S+/.exec(text.slice(at))?.[0].length ?? 0));
      }
    } finally {
      if (this.#running === running) this.stop.hidden = true;
    }
  }

  /** @param {import("../graph/service.js").GraphResult[]} graphs */
  #updated(graphs) {
    const lines = graphs.map(({ graph, added, removed, revision }) =>
      el("li", {}, `${graph}: ${added} added, ${removed} removed, revision ${revision}`),
    );
    this.result.replaceChildren(
      lines.length === 0
        ? el("p", { class: "empty-line", text: "The update changed nothing." })
        : el("ul", { class: "lines" }, ...lines),
    );
  }
}

/** A table that grows with the parts of an answer. */
class Result {
  #rows = 0;
  #parts = 0;
  #isYesNo = false;
  /** @type {string[] | undefined} */
  #names;
  #body = el("tbody");

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    place.replaceChildren();
    place.scrollTop = 0;
  }

  get summary() {
    if (this.#isYesNo) return "answered";
    const parts = this.#parts > 1 ? ` in ${this.#parts} parts` : "";
    return `${plural(this.#rows, "row")}${parts}`;
  }

  /** @param {import("../graph/service.js").QueryPart} part */
  add({ contentType, body }) {
    this.#parts++;
    if (contentType.includes("n-triples")) {
      this.#head(["subject", "predicate", "object"]);
      for (const { s, p, o } of parseTriples(body)) this.#row([s, p, o]);
      return;
    }
    const { head, results, boolean } = JSON.parse(body);
    if (boolean !== undefined) {
      this.#isYesNo = true;
      this.place.append(el("p", { class: "yes-no", text: boolean ? "Yes" : "No" }));
      return;
    }
    this.#head(head.vars ?? []);
    for (const binding of results.bindings) {
      this.#row((this.#names ?? []).map((name) => binding[name] && fromJson(binding[name])));
    }
  }

  /** @param {string[]} names */
  #head(names) {
    if (this.#names !== undefined) return;
    this.#names = names;
    const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col", text: name })));
    this.place.append(el("table", { class: "result" }, el("thead", {}, head), this.#body));
  }

  /** @param {(import("../rdf/terms.js").Term | undefined)[]} terms */
  #row(terms) {
    this.#rows++;
    if (this.#rows === MAX_ROWS + 1) {
      this.place.append(
        el("p", {
          class: "hint",
          text: `The first ${MAX_ROWS} rows are shown.`,
        }),
      );
    }
    if (this.#rows > MAX_ROWS) return;
    this.#body.append(el("tr", {}, ...terms.map((term) => el("td", {}, term && termView(term)))));
  }
}

/** @param {any} value of SPARQL's JSON results @returns {import("../rdf/terms.js").Term} */
function fromJson(value) {
  switch (value.type) {
    case "uri":
      return { kind: "iri", value: value.value, nt: `<${value.value}>` };
    case "bnode":
      return blank(value.value);
    default:
      return literal(value.value, {
        language: value["xml:lang"],
        datatype: value.datatype,
      });
  }
}
