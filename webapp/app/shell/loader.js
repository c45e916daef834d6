/**
 * Loads Turtle files as successive revisions of a graph.
 */
import { describe } from "../bridge/bridge.js";
import { byId, el } from "../dom.js";
import { iri } from "../rdf/terms.js";

export class FileLoader {
  /** @type {File[]} */
  #files = [];
  /** @type {AbortController | undefined} */
  #running;
  #dialog = byId("load-dialog");
  #list = byId("load-list");
  #progress = byId("load-progress");
  #error = byId("load-error");
  #start = byId("load-start");
  #input = byId("load-input");

  /**
   * @param {import("../graph/service.js").GraphService} service
   * @param {import("./graphs.js").GraphChoice} choice
   */
  constructor(service, choice) {
    this.service = service;
    this.choice = choice;
    byId("load-files").addEventListener("click", () => this.open());
    this.#input.addEventListener("change", () => this.#take([...this.#input.files]));
    byId("load-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.#running === undefined) void this.#load();
      else this.#running.abort();
    });
    const stage = byId("panel-picture");
    stage.addEventListener("dragover", (/** @type {DragEvent} */ event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    stage.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      this.open();
      this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  open() {
    if (this.#dialog.open) return;
    if (this.#running === undefined) {
      byId("load-graph").value = this.choice.current ?? "";
      this.#input.value = "";
      this.#take([]);
    }
    this.#dialog.showModal();
  }

  /** @param {File[]} files */
  #take(files) {
    const byName = new Intl.Collator("en", { numeric: true });
    this.#files = files.sort((a, b) => byName.compare(a.name, b.name));
    this.#progress.hidden = true;
    this.#say(undefined);
    this.#start.disabled = files.length === 0;
    this.#start.textContent = files.length > 1 ? `Load ${files.length} files` : "Load";
    this.#list.replaceChildren(
      ...this.#files.map(({ name, size }) =>
        el(
          "li",
          {},
          el("span", { text: name }),
          el("span", { class: "facts", text: `${Math.ceil(size / 1024)} KiB` }),
        ),
      ),
    );
  }

  async #load() {
    const running = (this.#running = new AbortController());
    this.#say(undefined);
    this.#start.textContent = "Stop";
    this.#progress.hidden = false;
    this.#progress.max = this.#files.length;
    this.#progress.value = 0;
    let at = 0;
    try {
      const graph = iri(byId("load-graph").value.trim()).value;
      if (graph !== this.choice.current) this.choice.choose(graph);
      for (; at < this.#files.length; at++) {
        if (at > 0) await pause(Number(byId("load-pace").value), running.signal);
        this.#mark(at, "loading", "…");
        const file = /** @type {File} */ (this.#files[at]);
        const label = file.name.replace(/\.[^.]*$/, "");
        const { graphs, warnings = [] } = await this.service.load(graph, await file.text(), {
          label,
          signal: running.signal,
        });
        const [{ revision = 0, added = 0, removed = 0 } = {}] = graphs;
        this.#mark(at, "done", `revision ${revision}: +${added} −${removed}`, warnings.join(" "));
        this.#progress.value = at + 1;
      }
    } catch (error) {
      if (running.signal.aborted) this.#mark(at, "failed", "stopped");
      else {
        this.#mark(at, "failed", "not loaded");
        this.#say(error);
      }
    } finally {
      this.#running = undefined;
      this.#start.textContent = "Load again";
    }
  }

  /** @param {number} at @param {string} state @param {string} text @param {string} [warning] */
  #mark(at, state, text, warning = "") {
    const item = this.#list.children[at];
    if (!(item instanceof HTMLElement)) return;
    item.className = state;
    item.title = warning;
    const facts = item.querySelector(".facts");
    if (facts !== null) facts.textContent = `${text}${warning === "" ? "" : " · with a warning"}`;
    item.scrollIntoView({ block: "nearest" });
  }

  /** @param {unknown} error */
  #say(error) {
    this.#error.hidden = error === undefined;
    this.#error.textContent = error === undefined ? "" : describe(error);
  }
}

/** @param {number} ms @param {AbortSignal} signal */
const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
    if (signal.aborted) reject(signal.reason);
  });
