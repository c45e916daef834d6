/**
 * The live picture of a graph. What is drawn stays where it is when the graph changes; what came, went or changed is
 * marked for some seconds.
 */
import cytoscape from "../../js/vendor/cytoscape.js";
import { oncePerFrame } from "../dom.js";
import { Emitter } from "../events.js";
import { roomFor } from "./declutter.js";
import { Layout, spiral } from "./layout.js";
import { look, readColours, TYPE_COLOURS } from "./look.js";
import { placeNew } from "./placement.js";
import { project } from "./projection.js";

/** @typedef {import("../graph/feed.js").Change} Change @typedef {import("./projection.js").Projection} Projection */

/** How long a mark stays, in milliseconds; what was removed is shown for the shorter time. */
const MARKED = 7000;
const GONE = 3500;
/** More new resources than this share, and the picture is laid out anew. */
const TOO_MANY_NEW = 0.5;
/** Sizes of labels: as drawn, and the least on the screen where there are but few. */
const LABEL = 13;
const READABLE = 11;
const FEW = 90;
/** A few resources need not fill the whole picture. */
const LARGEST = 1.3;

/** Emits `select` (an id or undefined) and `drawn` ({@link Projection}). */
export class Picture extends Emitter {
  /** Resources drawn at most. */
  most = 250;
  /** What a person decided about predicates. @type {Map<string, boolean>} */
  shown = new Map();
  /** @type {Projection | undefined} */
  projection;
  /** @type {Map<string, import("../rdf/terms.js").Triple>} */
  #triples = new Map();
  /** The end of the marks, by element id. @type {Map<string, number>} */
  #marks = new Map();
  /** Somebody has moved the picture or looked closer: it is left so until it is to be fitted. */
  #isMoved = false;
  #layout = new Layout();
  #cy;

  /** @param {HTMLElement} container */
  constructor(container) {
    super();
    this.container = container;
    this.#cy = cytoscape({
      container,
      minZoom: 0.08,
      maxZoom: 3,
      boxSelectionEnabled: false,
      style: look(readColours(container)),
    });
    this.#cy.on("tap", (/** @type {any} */ { target }) => {
      const isNode = target !== this.#cy && target.isNode?.();
      this.select(isNode && !target.hasClass("gone") ? target.id() : undefined);
    });
    new ResizeObserver(() => {
      this.#cy.resize();
      if (!this.#isMoved) this.fit(false);
    }).observe(container);
    this.#cy.on("dragpan scrollzoom pinchzoom", () => (this.#isMoved = true));
    this.#cy.on(
      "zoom",
      oncePerFrame(() => this.#sizeLabels()),
    );
    this.#cy.on("position add remove", this.#declutter);
  }

  /** Another graph, or the same read for the first time. @param {Map<string, import("../rdf/terms.js").Triple>} triples */
  show(triples) {
    this.#forgetMarks();
    this.#cy.elements().remove();
    this.shown.clear();
    this.#triples = triples;
    this.select(undefined);
    this.#draw();
    void this.arrange(false);
  }

  /**
   * @param {Map<string, import("../rdf/terms.js").Triple>} triples as they are now
   * @param {{added: import("../rdf/terms.js").Triple[], removed: import("../rdf/terms.js").Triple[]}} change what made them so
   */
  update(triples, change) {
    this.#triples = triples;
    const isFirst = this.#cy.nodes().empty();
    const touched = new Set(
      [...change.added, ...change.removed].flatMap(({ s, o }) => [s.nt, o.nt]),
    );
    const { added, removed, unplaced } = this.#draw(touched);
    const keys = new Set([...change.added, ...change.removed].map(({ key }) => key));
    // Not what came or went because a predicate is drawn now, or because there are too many resources.
    const isMeant = (/** @type {string} */ id) => touched.has(id) || keys.has(id);
    for (const id of added) if (isMeant(id)) this.#mark(id, "added", MARKED);
    for (const id of removed) {
      if (isMeant(id)) this.#mark(id, "gone", GONE);
      else this.#cy.getElementById(id).remove();
    }
    for (const id of new Set([...change.added, ...change.removed].map(({ s }) => s.nt))) {
      if (!added.has(id) && !removed.has(id)) this.#mark(id, "changed", MARKED);
    }
    if (isFirst) void this.arrange(false);
    else if (this.#isMostlyNew(unplaced)) void this.arrange(true);
    else if (added.size > 0) this.#showAll();
    else if (removed.size > 0) this.refit();
    this.#tellState();
  }

  /** Draws or leaves out the links of a predicate. @param {string} predicate @param {boolean} isShown */
  toggle(predicate, isShown) {
    this.shown.set(predicate, isShown);
    this.#draw();
  }

  /** @param {number} most */
  limit(most) {
    this.most = most;
    this.#draw();
    void this.arrange(true);
  }

  /** Whether so many resources have no place that everything is to be arranged anew. @param {number} unplaced */
  #isMostlyNew(unplaced) {
    return unplaced > TOO_MANY_NEW * this.#cy.nodes().not(".gone").length;
  }

  /**
   * Lays everything out anew. What changes meanwhile keeps its place.
   *
   * @param {boolean} animated
   */
  async arrange(animated) {
    const { projection } = this;
    if (projection === undefined || projection.nodes.size === 0) {
      delete this.container.dataset.arranging;
      return;
    }
    this.container.dataset.arranging = animated ? "again" : "first";
    const places = await this.#layout.of(projection);
    // Another graph, or a newer arrangement, which takes it from here.
    if (places === undefined && this.projection !== projection) return;
    delete this.container.dataset.arranging;
    if (places === undefined) return;
    const nodes = this.#cy
      .nodes()
      .not(".gone")
      .filter((/** @type {any} */ node) => places.has(node.id()));
    const before = new Map(
      nodes.map((/** @type {any} */ node) => [node.id(), { ...node.position() }]),
    );
    this.#cy.batch(() => {
      nodes.positions((/** @type {any} */ node) => places.get(node.id()));
    });
    this.container.dataset.layout = fingerprint(places);
    this.#turn(nodes);
    if (animated && !isCalm() && nodes.length <= FEW) {
      for (const node of nodes) {
        const position = { ...node.position() };
        node.position(before.get(node.id()));
        node.animate({ position }, { duration: 500, easing: "ease-in-out" });
      }
      setTimeout(() => this.fit(), 520);
    } else {
      this.fit(false);
    }
  }

  /** A picture that is as wide or as high as there is room for. @param {any} nodes */
  #turn(nodes) {
    const { w, h } = nodes.boundingBox();
    const { width, height } = this.#room();
    if (w > h === width > height || Math.abs(Math.log(w / h)) < 0.2) return;
    nodes.positions((/** @type {any} */ node) => ({
      x: node.position("y"),
      y: node.position("x"),
    }));
  }

  /** What of the container nothing lies upon, in pixels. */
  #room() {
    const { clientWidth, clientHeight } = this.container;
    const legend = this.container.parentElement?.querySelector("details");
    const isBeside = legend?.open && clientWidth > 560;
    const left = isBeside ? legend.offsetWidth + 32 : 20;
    const top = 52;
    const bottom = isBeside ? 20 : 52;
    return { left, top, width: clientWidth - left - 20, height: clientHeight - top - bottom };
  }

  /** Shows everything. @param {boolean} [animated] */
  fit(animated = true) {
    const elements = this.#cy.elements().not(".gone");
    const { left, top, width, height } = this.#room();
    if (width <= 0 || height <= 0 || elements.empty()) return;
    this.#isMoved = false;
    const { x1, y1, w, h } = elements.boundingBox();
    const zoom = Math.min(width / w, height / h, LARGEST);
    const pan = {
      x: left + (width - w * zoom) / 2 - x1 * zoom,
      y: top + (height - h * zoom) / 2 - y1 * zoom,
    };
    this.#cy.stop();
    if (animated && !isCalm()) this.#cy.animate({ zoom, pan }, { duration: 300 });
    else this.#cy.viewport({ zoom, pan });
  }

  /** Shows everything again, unless somebody looks at a part of it. */
  refit() {
    if (!this.#isMoved) this.fit();
  }

  /** @param {number} factor */
  zoom(factor) {
    const { width, height } = this.container.getBoundingClientRect();
    const level = this.#cy.zoom() * factor;
    this.#isMoved = true;
    this.#cy.zoom({ level, renderedPosition: { x: width / 2, y: height / 2 } });
  }

  /** @param {number} x @param {number} y in pixels */
  pan(x, y) {
    this.#isMoved = true;
    this.#cy.panBy({ x, y });
  }

  /** @param {string | undefined} id @param {boolean} [centred] */
  select(id, centred = false) {
    const cy = this.#cy;
    cy.elements().removeClass("near dimmed").unselect();
    const node = id === undefined ? cy.collection() : cy.getElementById(id);
    if (node.nonempty()) {
      const near = node.closedNeighborhood();
      node.select();
      node.connectedEdges().addClass("near");
      cy.elements().not(near).addClass("dimmed");
      if (centred) cy.animate({ center: { eles: node } }, { duration: isCalm() ? 0 : 250 });
    }
    this.emit("select", node.nonempty() ? id : undefined);
  }

  /** Takes the page's colours anew. */
  recolour() {
    this.#cy.style(look(readColours(this.container)));
    this.#sizeLabels();
  }

  /**
   * Makes the elements those of the projection.
   * @param {Set<string>} [touched] resources that are drawn before others
   * @returns {{added: Set<string>, removed: Set<string>, unplaced: number}} ids that came and went, and how many of those
   *   that came have no place that people know
   */
  #draw(touched = new Set()) {
    const cy = this.#cy;
    const isDrawn = (/** @type {string} */ id) => cy.getElementById(id).nonempty();
    const projection = project(this.#triples.values(), {
      most: this.most,
      shown: this.shown,
      keep: (id) => touched.has(id) || isDrawn(id),
    });
    this.projection = projection;
    const { nodes, edges, types } = projection;
    const added = new Set();
    const removed = new Set();
    let unplaced = 0;
    cy.batch(() => {
      for (const element of cy.elements().not(".gone").toArray()) {
        const id = element.id();
        if (!nodes.has(id) && !edges.has(id)) removed.add(id);
      }
      for (const id of [...nodes.keys(), ...edges.keys()]) {
        const element = cy.getElementById(id);
        if (element.nonempty() && element.hasClass("gone")) this.#unmark(id);
        if (element.empty() || element.hasClass("gone")) added.add(id);
      }
      const colours = new Map(types.map((type, at) => [type, Math.min(at, TYPE_COLOURS - 1)]));
      const heirs = new Map();
      for (const id of removed) {
        const element = cy.getElementById(id);
        if (element.isNode()) heirs.set(element.data("label"), element);
      }
      const fresh = [];
      for (const { id, label, type, degree } of nodes.values()) {
        const data = {
          id,
          label,
          degree,
          colour: type === undefined ? -1 : colours.get(type),
        };
        const element = cy.getElementById(id);
        if (element.nonempty()) element.data(data);
        else if (heirs.has(label)) {
          // The same under another IRI: it takes the place of the other, which goes at once.
          const old = heirs.get(label);
          heirs.delete(label);
          removed.delete(old.id());
          for (const edge of old.connectedEdges()) removed.delete(edge.id());
          cy.add({ group: "nodes", data, position: { ...old.position() } });
          this.#unmark(old.id());
          old.remove();
        } else fresh.push({ group: "nodes", data });
      }
      unplaced = fresh.length;
      const isNew = unplaced > TOO_MANY_NEW * nodes.size;
      cy.add(isNew ? withPlaces(fresh) : this.#placed(fresh, edges));
      // All at once: one by one they would cost as much again each time.
      cy.add(
        [...edges.values()]
          .filter(({ id }) => cy.getElementById(id).empty())
          .map(({ id, source, target, label }) => ({
            group: "edges",
            data: { id, source, target, label },
          })),
      );
      cy.edges().toggleClass("labelled", edges.size <= 24);
    });
    // What a person left out goes without a farewell.
    if (touched.size === 0) for (const id of removed) cy.getElementById(id).remove();
    this.#tellState();
    this.emit("drawn", projection);
    return { added, removed, unplaced };
  }

  /** @param {any[]} fresh nodes without a place @param {Projection["edges"]} edges */
  #placed(fresh, edges) {
    if (fresh.length === 0) return [];
    /** @type {Map<string, string[]>} */
    const neighbours = new Map();
    for (const { source, target } of edges.values()) {
      neighbours.set(source, [...(neighbours.get(source) ?? []), target]);
      neighbours.set(target, [...(neighbours.get(target) ?? []), source]);
    }
    const placed = new Map(
      this.#cy
        .nodes()
        .not(".gone")
        .map((/** @type {any} */ node) => [node.id(), { ...node.position() }]),
    );
    placeNew(
      fresh.map(({ data }) => data.id),
      placed,
      (id) => neighbours.get(id) ?? [],
    );
    return fresh.map((node) => ({
      ...node,
      position: placed.get(node.data.id),
    }));
  }

  /** If something new is out of sight. */
  #showAll() {
    if (!this.#isMoved) {
      this.fit();
      return;
    }
    const { x1, y1, x2, y2 } = this.#cy.extent();
    const box = this.#cy.elements().not(".gone").boundingBox();
    if (box.x1 < x1 || box.y1 < y1 || box.x2 > x2 || box.y2 > y2) this.fit();
  }

  /** Labels that can be read at this distance, unless there are too many. */
  #sizeLabels() {
    const few = this.#cy.nodes().length <= FEW;
    const size = few ? Math.min(26, Math.max(LABEL, READABLE / this.#cy.zoom())) : LABEL;
    const text = { "font-size": size, "text-max-width": `${size * 13}px` };
    this.#cy.style().selector("node").style(text).update();
    this.#declutter();
  }

  /** Leaves out labels that would lie upon others; those of what changed, or is selected, come first. */
  #declutter = oncePerFrame(() => {
    const zoom = this.#cy.zoom();
    const boxes = this.#cy.nodes().map((/** @type {any} */ node) => {
      const { x, y } = node.position();
      const size = node.numericStyle("font-size");
      const half = (Math.min(node.data("label").length, 24) * size * 0.56) / 2;
      const top = y + node.height() / 2 + 4;
      const isMarked = node.selected() || node.hasClass("added") || node.hasClass("changed");
      const weight = (isMarked ? 1e6 : 0) + node.data("degree");
      return { id: node.id(), x1: x - half, x2: x + half, y1: top, y2: top + size * 1.3, weight };
    });
    const shown = roomFor(boxes);
    this.#cy.batch(() => {
      for (const node of this.#cy.nodes()) node.toggleClass("unlabelled", !shown.has(node.id()));
    });
    Object.assign(this.container.dataset, { labels: String(shown.size), zoom: zoom.toFixed(3) });
  });

  /** @param {string} id @param {"added" | "changed" | "gone"} kind @param {number} time */
  #mark(id, kind, time) {
    const element = this.#cy.getElementById(id);
    if (element.empty()) return;
    this.#unmark(id);
    element.addClass(kind);
    if (!isCalm()) {
      element.style("underlay-opacity", 0.5);
      element.animate({ style: { "underlay-opacity": 0 } }, { duration: time, easing: "ease-in" });
    }
    const end = () => {
      this.#unmark(id);
      if (kind === "gone") element.remove();
      this.#tellState();
    };
    this.#marks.set(id, setTimeout(end, time));
  }

  /** @param {string} id */
  #unmark(id) {
    clearTimeout(this.#marks.get(id));
    this.#marks.delete(id);
    this.#cy
      .getElementById(id)
      .stop(true, true)
      .removeClass("added changed gone")
      .removeStyle("underlay-opacity");
  }

  #forgetMarks() {
    for (const timer of this.#marks.values()) clearTimeout(timer);
    this.#marks.clear();
  }

  /** In the document too, for whoever can't see the canvas. */
  #tellState() {
    const count = (/** @type {string} */ selector) => String(this.#cy.elements(selector).length);
    Object.assign(this.container.dataset, {
      nodes: String(this.#cy.nodes().not(".gone").length),
      edges: String(this.#cy.edges().not(".gone").length),
      added: count(".added"),
      changed: count(".changed"),
      gone: count(".gone"),
    });
  }
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Until everything is arranged. @param {any[]} fresh nodes without a place */
function withPlaces(fresh) {
  const places = spiral(fresh.map(({ data }) => data.id));
  return fresh.map((node) => ({ ...node, position: places.get(node.data.id) }));
}

/** A number that is the same for the same places, in the document for whoever can't see the canvas. @param {Map<string, {x: number, y: number}>} places */
function fingerprint(places) {
  let sum = 0;
  for (const { x, y } of places.values())
    sum = (Math.imul(sum, 31) + Math.round(x) * 7 + Math.round(y)) | 0;
  return String(sum);
}
