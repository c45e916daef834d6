/**
 * Follows one named graph: subscribes to its changes first, reads it, and then applies what arrived meanwhile. The reading
 * may have seen some of these changes, or a part of them. They are applied together, up to the revision that the graph had
 * after it was read: what the last one says of a triple holds, whichever of them the reading saw.
 */
import { Emitter } from "../events.js";
import { parsePatch } from "../rdf/parse.js";
import { GraphModel, netChange } from "./model.js";
import { graphTopic } from "./topic.js";

/**
 * @typedef {import("../rdf/terms.js").Triple} Triple
 * @typedef {{added: Triple[], removed: Triple[], revision: number, user: string, label?: string, time: Date, missed: boolean}} Change
 *   `missed`: several revisions at once, seen by reading the graph anew
 * @typedef {"reading" | "live" | "failed" | "revoked"} FeedState
 */

const SETTLED = 2000;

/** Emits `read` (the model was read), `change` ({@link Change}) and `state` ({state, error}). */
export class GraphFeed extends Emitter {
  model = new GraphModel();
  revision = 0;
  /** @type {FeedState} */
  state = "reading";
  #closed = new AbortController();
  /** Messages that wait until the graph has been read. @type {any[] | undefined} */
  #waiting = [];
  /** Changes up to the revision that was read, until the last of them has arrived. @type {any[]} */
  #seen = [];
  /** @type {{unsubscribe(): Promise<void>} | undefined} */
  #subscription;
  /** Something was missed while the graph was being read. */
  #isStale = false;

  /**
   * @param {import("../bridge/bridge.js").Bridge} bridge
   * @param {import("./service.js").GraphService} service
   * @param {string} graph
   */
  constructor(bridge, service, graph) {
    super();
    this.bridge = bridge;
    this.service = service;
    this.graph = graph;
    const topic = graphTopic(graph);
    const concerns = (/** @type {{topic: string}[]} */ topics) =>
      topics.some((entry) => entry.topic === topic);
    const ends = [
      bridge.on("gap", ({ topics, reason }) => {
        if (!concerns(topics)) return;
        this.catchUp();
        // The new session subscribes at the same time as the graph is read: what falls between is found by its revision.
        if (reason === "sessionLost") setTimeout(() => void this.#verify(), SETTLED);
      }),
      bridge.on("revoked", ({ topics }) => topics.includes(topic) && this.#setState("revoked")),
      bridge.on("back", () => this.#verify()),
    ];
    this.#closed.signal.addEventListener("abort", () => ends.forEach((end) => end()));
  }

  async open() {
    try {
      this.#subscription = await this.bridge.subscribe(graphTopic(this.graph), (message) =>
        this.#received(message),
      );
      if (this.#closed.signal.aborted) await this.#subscription?.unsubscribe();
      else await this.#read((triples) => void this.model.replace(triples), "read");
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#setState("failed", error);
    }
  }

  close() {
    this.#closed.abort();
    this.#subscription?.unsubscribe().catch(() => undefined);
  }

  /**
   * Reads the graph anew, because changes were missed; says how it differs.
   * @param {{user?: string, label?: string}} [by] who changed it, if that is known
   */
  catchUp({ user = "", label } = {}) {
    if (this.#closed.signal.aborted) return;
    if (this.state === "reading") {
      this.#isStale = true;
      return;
    }
    this.#read((triples) => {
      const { added, removed } = this.model.replace(triples);
      if (added.length + removed.length === 0) return;
      const { revision } = this;
      const change = {
        added,
        removed,
        revision,
        user,
        label,
        time: new Date(),
        missed: user === "",
      };
      this.emit("change", change);
    }, "caughtUp").catch((error) => this.#closed.signal.aborted || this.#setState("failed", error));
  }

  /** @param {(triples: Triple[]) => void} take @param {string} event */
  async #read(take, event) {
    this.#waiting ??= [];
    this.#setState("reading");
    this.#isStale = false;
    const { signal } = this.#closed;
    let revision = await this.#readRevision();
    /** @type {Triple[]} */
    let triples = [];
    // A graph that nobody has written yet is empty.
    if (revision !== undefined) {
      triples = await this.service.read(this.graph, signal);
      revision = await this.#readRevision();
    }
    if (signal.aborted) return;
    this.revision = Math.max(this.revision, revision ?? 0);
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    const isSeen = (/** @type {any} */ { properties }) => properties.revision <= this.revision;
    const read = new GraphModel();
    read.replace(triples);
    this.#seen = waiting.filter(isSeen);
    if (this.#seen.some(({ properties }) => properties.truncated === true)) this.#isStale = true;
    read.apply(this.#netOfSeen());
    take([...read.triples.values()]);
    this.#setState("live");
    this.emit(event);
    for (const message of waiting) if (!isSeen(message)) this.#received(message);
    if (this.#isStale) this.catchUp();
  }

  async #readRevision() {
    return (await this.service.graphs()).find(({ uri }) => uri === this.graph)?.revision;
  }

  /** What the changes that the reading may have seen do together. */
  #netOfSeen() {
    const whole = this.#seen.filter(({ properties }) => properties.truncated !== true);
    return netChange(whole.map((message) => parsePatch(message.text())));
  }

  /** @param {any} message of the graph's topic */
  #received(message) {
    if (this.#closed.signal.aborted) return;
    if (this.#waiting !== undefined) {
      this.#waiting.push(message);
      return;
    }
    const { revision, truncated, user, label } = message.properties;
    if (revision <= this.revision) {
      this.#late(message);
      return;
    }
    this.#seen = [];
    const isNext = revision <= this.revision + 1;
    if (truncated === true || !isNext) {
      this.revision = Math.max(this.revision, revision);
      this.catchUp(isNext ? { user, label } : {});
      return;
    }
    const { added, removed } = this.model.apply(parsePatch(message.text()));
    this.revision = revision;
    this.emit("change", {
      added,
      removed,
      revision,
      user,
      label,
      time: new Date(),
      missed: false,
    });
  }

  /**
   * A change that arrives after the reading, though the graph had that revision when it had been read. Earlier ones alone
   * would take back what later ones did, so they wait for the last.
   *
   * @param {any} message
   */
  #late(message) {
    this.#seen.push(message);
    if (message.properties.revision < this.revision) return;
    const { added, removed } = this.model.apply(this.#netOfSeen());
    const isWhole = this.#seen.every(({ properties }) => properties.truncated !== true);
    this.#seen = [];
    if (!isWhole) this.catchUp();
    if (added.length + removed.length === 0) return;
    const { revision } = this;
    const time = new Date();
    this.emit("change", { added, removed, revision, user: "", time, missed: true });
  }

  /** After an interruption: whether something was missed that nobody announced. */
  async #verify() {
    if (this.state === "failed") {
      this.state = "live";
      this.catchUp();
      return;
    }
    if (this.state !== "live") return;
    try {
      const entry = (await this.service.graphs()).find(({ uri }) => uri === this.graph);
      if (entry !== undefined && entry.revision > this.revision) this.catchUp();
    } catch {
      // The next change, or the next interruption, brings it to light.
    }
  }

  /** @param {FeedState} state @param {unknown} [error] */
  #setState(state, error) {
    this.state = state;
    this.emit("state", { state, error });
  }
}
