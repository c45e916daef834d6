/**
 * Follows one named graph: subscribes to its topic, which brings the graph as it is and then every change since. Where
 * changes were missed it subscribes again, and tells how the graph differs.
 */
import { Emitter } from "../events.js";
import { parsePatch, parseTriples } from "../rdf/parse.js";
import { GraphModel } from "./model.js";
import { checked } from "./service.js";
import { graphTopic } from "./topic.js";

/**
 * @typedef {import("../rdf/terms.js").Triple} Triple
 * @typedef {{added: Triple[], removed: Triple[], revision: number, user: string, label?: string, time: Date, missed: boolean}} Change
 *   `missed`: several revisions at once, seen by reading the graph anew
 * @typedef {"reading" | "live" | "failed" | "revoked"} FeedState
 */

const RETRY = 2000;

/**
 * Emits `read` (the model was read), `caughtUp` (read anew), `change` ({@link Change}), `viewers` (who looks at the graph)
 * and `state` ({state, error}).
 */
export class GraphFeed extends Emitter {
  model = new GraphModel();
  revision = 0;
  /** @type {FeedState} */
  state = "reading";
  #closed = new AbortController();
  #isRead = false;
  /** The parts of the graph so far, while it comes. @type {Triple[]} */
  #parts = [];
  /** Who made the change for which the graph is read anew, if that is known. @type {{user: string, label?: string} | undefined} */
  #by;
  /** Counts the subscriptions, so that what an old one brings is ignored. */
  #subscriptions = 0;

  /**
   * @param {import("../bridge/bridge.js").Bridge} bridge
   * @param {string} graph
   */
  constructor(bridge, graph) {
    super();
    this.bridge = bridge;
    this.graph = graph;
    const topic = (this.topic = graphTopic(graph));
    const ends = [
      bridge.on("gap", ({ topics }) => {
        if (topics.some((/** @type {any} */ each) => each.topic === topic)) this.#readAnew();
      }),
      bridge.on("revoked", ({ topics }) => topics.includes(topic) && this.#setState("revoked")),
      bridge.on("presence", (event) => event.topic === topic && this.emit("viewers", event.users)),
      bridge.on("back", () => this.state === "failed" && this.#readAnew()),
    ];
    this.#closed.signal.addEventListener("abort", () => ends.forEach((end) => end()));
  }

  open() {
    void this.#subscribe();
  }

  close() {
    this.#closed.abort();
    this.#unsubscribe();
  }

  #unsubscribe() {
    this.#subscriptions++;
    this.bridge.unsubscribe(this.topic).catch(() => undefined);
  }

  /** @param {{user: string, label?: string}} [by] */
  #readAnew(by) {
    if (this.#closed.signal.aborted) return;
    this.#by = by;
    this.#unsubscribe();
    void this.#subscribe();
  }

  async #subscribe() {
    const mine = ++this.#subscriptions;
    const isCurrent = () => mine === this.#subscriptions;
    this.#setState("reading");
    const listener = (/** @type {any} */ message) => isCurrent() && this.#received(message);
    try {
      await this.bridge.subscribe(this.topic, listener, { presence: true });
    } catch (error) {
      if (isCurrent()) this.#failed(error);
    }
  }

  /** @param {any} error */
  #failed(error) {
    // A service that does not answer yet, or a broker that is away. Without a connection, `back` follows.
    if (error.temporary === true && error.code !== "notSent") {
      setTimeout(() => this.state === "failed" && this.#readAnew(this.#by), RETRY);
    }
    this.#setState("failed", error);
  }

  /** @param {any} message of the graph's topic */
  #received(message) {
    try {
      if (message.snapshot) this.#part(message);
      else this.#changed(message);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {any} message a part of the graph as it is */
  #part(message) {
    if ((message.sequence ?? 1) === 1) this.#parts = [];
    this.#parts.push(...parseTriples(checked(message)));
    if (!message.last) return;
    const { added, removed } = this.model.replace(this.#parts);
    this.#parts = [];
    this.revision = message.properties.revision;
    const { user = "", label } = this.#by ?? {};
    this.#by = undefined;
    if (!this.#isRead) {
      this.#isRead = true;
      this.#setState("live");
      this.emit("read");
      return;
    }
    if (added.length + removed.length > 0) {
      const { revision } = this;
      const time = new Date();
      this.emit("change", { added, removed, revision, user, label, time, missed: user === "" });
    }
    this.#setState("live");
    this.emit("caughtUp");
  }

  /** @param {any} message one revision */
  #changed(message) {
    const { revision, truncated, user, label } = message.properties;
    // The graph as it came includes it.
    if (revision <= this.revision) return;
    const isNext = revision === this.revision + 1;
    if (truncated === true || !isNext) {
      this.#readAnew(isNext ? { user, label } : undefined);
      return;
    }
    const { added, removed } = this.model.apply(parsePatch(message.text()));
    this.revision = revision;
    const time = new Date();
    this.emit("change", { added, removed, revision, user, label, time, missed: false });
  }

  /** @param {FeedState} state @param {unknown} [error] */
  #setState(state, error) {
    this.state = state;
    this.emit("state", { state, error });
  }
}
