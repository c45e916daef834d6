/**
 * The page of somebody who is signed in: puts the parts together.
 */
import { Bridge, describe } from "./bridge/bridge.js";
import { byId, el, icon, oncePerFrame, plural } from "./dom.js";
import { GraphFeed } from "./graph/feed.js";
import { netChange } from "./graph/model.js";
import { GraphService } from "./graph/service.js";
import { LogPanel } from "./panels/log.js";
import { QueryPanel } from "./panels/query.js";
import { RequestsPanel } from "./panels/requests.js";
import { RevisionsPanel, sentence } from "./panels/revisions.js";
import { TriplesPanel } from "./panels/triples.js";
import { showDetails } from "./picture/details.js";
import { showLegend } from "./picture/legend.js";
import { Picture } from "./picture/picture.js";
import { shortIri, splitIri } from "./rdf/names.js";
import { updateText } from "./rdf/sparql.js";
import { ConnectionView } from "./shell/connection.js";
import { GraphChoice } from "./shell/graphs.js";
import { FileLoader } from "./shell/loader.js";
import { listenForShortcuts } from "./shell/shortcuts.js";
import { Tabs } from "./shell/tabs.js";
import { showViewers } from "./shell/viewers.js";
import { onTheme } from "./theme.js";
import { visible } from "./visible.js";

export { describe };

export class Workspace {
  /** @type {GraphFeed | undefined} */
  #feed;
  #tabs = new Tabs();
  #picture = new Picture(byId("picture"));
  #revisions = new RevisionsPanel();
  /** Changes that are not shown yet. @type {import("./graph/feed.js").Change[]} */
  #changes = [];
  #telling = 0;

  /** @param {string} user @param {import("./shell/sign-in.js").TransportChoice} transport */
  constructor(user, transport) {
    this.user = user;
    this.bridge = new Bridge(transport);
    this.service = new GraphService(this.bridge);
    this.choice = new GraphChoice(this.bridge, this.service);
    this.connection = new ConnectionView(this.bridge);
    this.triples = new TriplesPanel((change) => this.#edit(change));
    this.loader = new FileLoader(this.service, this.choice);
    new QueryPanel(this.service, () => this.choice.current);
    this.panels = {
      requests: new RequestsPanel(this.bridge),
      log: new LogPanel(this.bridge.wire),
    };
    byId("who").textContent = visible(user);
    byId("avatar").textContent = user.slice(0, 1).toUpperCase();
    this.choice.on("choose", (graph) => this.#follow(graph));
    this.choice.on("list", () => this.#drawFacts());
    this.triples.on("select", (term) => this.#showResource(term.nt));
    this.bridge.on("status", ({ status, error }) => {
      if (status === "disconnected" && error !== undefined) this.onEnd(error);
    });
    this.#preparePicture();
    this.#prepareKeys();
    onTheme(() => this.#picture.recolour());
  }

  /** Called when the connection has ended for good. @type {(error: any) => void} */
  onEnd = () => {};

  async open() {
    await this.bridge.connect();
    await this.choice.open();
  }

  /** @param {string} graph */
  #follow(graph) {
    this.#feed?.close();
    const feed = (this.#feed = new GraphFeed(this.bridge, graph));
    const { local } = splitIri(graph);
    byId("graph-name").textContent = local;
    byId("graph-name").title = graph;
    document.title = `${local} · Longspan`;
    byId("live").hidden = true;
    this.#picture.show(new Map());
    this.triples.show(new Map(), true);
    this.#changes = [];
    showViewers([], this.user);
    feed.on("viewers", (users) => showViewers(users, this.user));
    feed.on("read", () => {
      this.#picture.show(feed.model.triples);
      this.triples.show(feed.model.triples, true);
      this.#revisions.reset(feed.revision);
      this.#changed();
    });
    feed.on("caughtUp", () => {
      this.triples.show(feed.model.triples, false);
      this.#changed();
    });
    feed.on("change", (change) => {
      this.#changes.push(change);
      this.#showChanges();
    });
    feed.on("state", () => this.#drawFacts());
    this.#drawFacts();
    feed.open();
  }

  /** Not each alone: several may come at once, and their messages shall not wait for the picture. */
  #showChanges = oncePerFrame(() => {
    const changes = this.#changes;
    const feed = this.#feed;
    const last = changes.at(-1);
    if (feed === undefined || last === undefined) return;
    this.#changes = [];
    this.#picture.update(feed.model.triples, netChange(changes));
    for (const change of changes) {
      this.triples.update(feed.model.triples, change);
      this.#revisions.add(change);
    }
    this.#tell(sentence(last));
    this.#changed();
  });

  /** @param {string} text */
  #tell(text) {
    byId("announcer").textContent = text;
    const live = byId("live");
    live.textContent = text;
    live.hidden = false;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => (live.hidden = true), 7000);
  }

  #changed() {
    this.#drawFacts();
    this.#redrawDetails();
    this.#suggest();
  }

  #redrawDetails = () => {};

  #drawFacts() {
    const feed = this.#feed;
    if (feed === undefined) return;
    const entry = this.choice.entries.get(feed.graph);
    const isWritable = entry === undefined || entry.writable;
    const parts = {
      reading: ["Reading …"],
      live: [
        plural(feed.model.size, "triple"),
        `revision ${feed.revision}`,
        entry === undefined
          ? "nobody’s yet: yours once you write"
          : isWritable
            ? "you may edit"
            : "you may read",
      ],
      failed: ["Could not be read"],
      revoked: ["Your access to this graph was taken away"],
    }[feed.state];
    byId("graph-facts").textContent = parts.join(" · ");
    const picture = byId("panel-picture");
    picture.dataset.state = feed.state;
    picture.dataset.revision = String(feed.revision);
    picture.dataset.triples = String(feed.model.size);
    this.triples.allow(
      isWritable && feed.state !== "revoked",
      "You may read this graph; others may edit it, and you see it as they do.",
    );
    const empty = byId("picture-empty");
    empty.hidden = feed.state === "reading" || feed.model.size > 0;
    if (!empty.hidden) empty.replaceChildren(...this.#emptyText(feed, isWritable));
  }

  /** @param {GraphFeed} feed @param {boolean} isWritable */
  #emptyText(feed, isWritable) {
    if (feed.state !== "live") return [el("p", { text: byId("graph-facts").textContent })];
    return [
      el("p", { text: "This graph is empty." }),
      el("p", {
        class: "hint",
        text: isWritable
          ? "Add a triple, or load Turtle files: drop them here, or use the button above."
          : "As soon as somebody writes to it, you see it here.",
      }),
    ];
  }

  /** @param {{add?: import("./rdf/terms.js").Triple[], remove?: import("./rdf/terms.js").Triple[]}} change */
  async #edit(change) {
    const feed = /** @type {GraphFeed} */ (this.#feed);
    try {
      const { graphs } = await this.service.update(updateText(feed.graph, change));
      if (graphs.length === 0) throw new Error("That changed nothing: the graph is so already.");
      if (!this.choice.entries.has(feed.graph)) await this.choice.refresh();
    } catch (error) {
      throw new Error(describe(error), { cause: error });
    }
  }

  /** @param {string} id of a resource */
  #showResource(id) {
    if (this.#tabs.view !== "picture" && !matchMedia("(min-width: 900px)").matches)
      this.#tabs.show("picture");
    this.#picture.select(id, true);
  }

  /** Subjects and predicates of the graph, for the add form. */
  #suggest() {
    const subjects = new Set();
    const predicates = new Set();
    for (const { s, p, o } of this.#feed?.model.triples.values() ?? []) {
      if (s.kind === "iri") subjects.add(s.value);
      if (o.kind === "iri") subjects.add(o.value);
      predicates.add(p.value);
    }
    const options = (/** @type {Set<string>} */ values) =>
      [...values]
        .sort()
        .slice(0, 500)
        .map((value) => el("option", { value, label: shortIri(value) }));
    byId("known-subjects").replaceChildren(...options(subjects));
    byId("known-predicates").replaceChildren(...options(predicates));
  }

  #preparePicture() {
    const picture = this.#picture;
    const container = byId("picture");
    showLegend(picture);
    this.#redrawDetails = showDetails(
      picture,
      () => this.#feed?.model.triples.values() ?? [],
      (iri) => {
        this.triples.filter(iri);
        this.#tabs.show("triples");
      },
    );
    picture.on("drawn", ({ nodes, edges }) => {
      container.setAttribute(
        "aria-label",
        `Picture of the graph: ${plural(nodes.size, "resource")}, ${plural(edges.size, "link")}. The table has the same triples.`,
      );
    });
    byId("zoom-in").append(icon("plus"));
    byId("zoom-out").append(icon("minus"));
    const keys = {
      "+": () => picture.zoom(1.25),
      "=": () => picture.zoom(1.25),
      "-": () => picture.zoom(0.8),
      ArrowLeft: () => picture.pan(60, 0),
      ArrowRight: () => picture.pan(-60, 0),
      ArrowUp: () => picture.pan(0, 60),
      ArrowDown: () => picture.pan(0, -60),
    };
    container.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const action = keys[/** @type {keyof typeof keys} */ (event.key)];
      if (action === undefined || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      action();
    });
    byId("zoom-in").addEventListener("click", keys["+"]);
    byId("zoom-out").addEventListener("click", keys["-"]);
    byId("fit").addEventListener("click", () => picture.fit());
    byId("arrange").addEventListener("click", () => void picture.arrange(true));
    if (innerWidth < 900) byId("legend").open = false;
    byId("legend").addEventListener("toggle", () => picture.refit());
  }

  #prepareKeys() {
    const views = ["picture", "triples", "query", "requests", "log"];
    listenForShortcuts({
      ...Object.fromEntries(views.map((view, at) => [String(at + 1), () => this.#tabs.show(view)])),
      "/": () => {
        this.#tabs.show("triples");
        byId("triples-filter").focus();
      },
      n: () => {
        this.#tabs.show("triples");
        this.triples.add.begin();
      },
      g: () => byId("graph").focus(),
      l: () => this.loader.open(),
      x: () => this.connection.toggle(),
      f: () => this.#picture.fit(),
      a: () => void this.#picture.arrange(true),
      "?": () => byId("help-dialog").showModal(),
      Escape: () => this.#picture.select(undefined),
    });
    this.#tabs.on("show", () => {
      this.panels.requests.redraw();
      this.panels.log.redraw();
    });
  }
}
