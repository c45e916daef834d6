/**
 * The triples of the graph as a table: filtered, in pages, edited in place.
 */
import { byId, el, icon, oncePerFrame, plural } from "../dom.js";
import { Emitter } from "../events.js";
import { shortIri } from "../rdf/names.js";
import { isNameable, triple } from "../rdf/terms.js";
import { AddForm } from "./add-form.js";
import { kindOf, readTerm, typedText } from "./term-input.js";
import { termView } from "./term-view.js";

/** @typedef {import("../rdf/terms.js").Triple} Triple @typedef {import("../graph/feed.js").Change} Change */

const PAGE = 100;
const MARKED = 8000;
const GONE = 3500;

/** Emits `edit` ({add, remove, done}: `done` is given the promise of the update) and `select` (a resource). */
export class TriplesPanel extends Emitter {
  /** @type {Map<string, Triple>} */
  #triples = new Map();
  /** Removed triples that are still shown. @type {Map<string, Triple>} */
  #gone = new Map();
  /** @type {Map<string, number>} */
  #marks = new Map();
  /** Rows of the present filter, in order. @type {Triple[]} */
  #rows = [];
  #page = 0;
  #isWritable = false;
  /** The triple whose object is being edited. @type {string | undefined} */
  #editing;
  /** The row that gets the focus when it is there. @type {string | undefined} */
  #awaited;
  #body = byId("triples-body");
  #filter = byId("triples-filter");
  #message = byId("triples-message");
  #redraw = oncePerFrame(() => this.#draw());

  /** @param {(change: {add?: Triple[], remove?: Triple[]}) => Promise<void>} edit */
  constructor(edit) {
    super();
    this.edit = edit;
    this.add = new AddForm(
      (added) => this.#edit({ add: [added] }),
      (error) => this.say(error),
    );
    this.#filter.addEventListener("input", () => {
      this.#page = 0;
      this.#redraw();
    });
    this.#body.addEventListener("click", (/** @type {Event} */ event) => this.#clicked(event));
  }

  /** @param {Map<string, Triple>} triples @param {boolean} isNew whether it is another graph */
  show(triples, isNew) {
    if (isNew) {
      for (const timer of this.#marks.values()) clearTimeout(timer);
      this.#marks.clear();
      this.#gone.clear();
      this.#page = 0;
      this.#filter.value = "";
      this.#editing = undefined;
      this.#awaited = undefined;
      this.say(undefined);
      this.#offerUndo(undefined);
    }
    this.#triples = triples;
    this.#redraw();
  }

  /** @param {Map<string, Triple>} triples as they are now @param {Change} change what made them so */
  update(triples, change) {
    this.#triples = triples;
    for (const added of change.added) {
      this.#gone.delete(added.key);
      this.#mark(added.key, MARKED);
    }
    for (const removed of change.removed) {
      this.#gone.set(removed.key, removed);
      this.#mark(removed.key, GONE);
    }
    this.#redraw();
  }

  /** @param {boolean} isWritable @param {string} why shown where it is not */
  allow(isWritable, why) {
    this.#isWritable = isWritable;
    this.add.form.hidden = !isWritable;
    const note = byId("read-only");
    note.hidden = isWritable;
    note.textContent = why;
    this.#redraw();
  }

  /** @param {string} text */
  filter(text) {
    this.#filter.value = text;
    this.#page = 0;
    this.#redraw();
  }

  /** @param {unknown} error nothing: takes the last one away */
  say(error) {
    this.#message.hidden = error === undefined;
    this.#message.textContent = error instanceof Error ? error.message : String(error ?? "");
  }

  /** @param {{add?: Triple[], remove?: Triple[]}} change */
  async #edit(change) {
    this.say(undefined);
    this.#offerUndo(undefined);
    await this.edit(change);
    const [added] = change.add ?? [];
    if (added !== undefined) this.#goTo(added);
  }

  /** @param {Triple} old @param {Triple} next */
  async #replace(old, next) {
    await this.#edit({ remove: [old], add: [next] });
    this.#focus(next.key);
  }

  /** @param {Triple} removed */
  async #remove(removed) {
    await this.#edit({ remove: [removed] });
    this.#offerUndo(removed);
  }

  /** Says what was removed, and gives it back on request. @param {Triple | undefined} removed */
  #offerUndo(removed) {
    const box = byId("triples-undo");
    if (removed === undefined) {
      // The focus must not stay on a button that is hidden.
      box.replaceChildren();
      box.hidden = true;
      return;
    }
    box.hidden = false;
    const button = el("button", {
      type: "button",
      class: "small",
      text: "Undo",
      on: {
        click: () => {
          this.#edit({ add: [removed] })
            .then(() => this.#focus(removed.key))
            .catch((error) => this.say(error));
        },
      },
    });
    const { s, p, o } = removed;
    box.replaceChildren(
      el(
        "span",
        { role: "status" },
        "Removed: ",
        termView(s),
        " ",
        termView(p),
        " ",
        termView(o, 60),
      ),
      button,
    );
    button.focus();
  }

  /** Focuses a row as soon as it is there, unless somebody has gone elsewhere. @param {string} key */
  #focus(key) {
    this.#awaited = key;
    this.#redraw();
  }

  /** Shows the page on which that triple is. @param {Triple} wanted */
  #goTo(wanted) {
    this.#rows = this.#sorted();
    const at = this.#rows.findIndex(({ key }) => key === wanted.key);
    if (at >= 0) this.#page = Math.floor(at / PAGE);
    this.#draw();
    this.#body.querySelector(".is-added")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} key @param {number} time */
  #mark(key, time) {
    clearTimeout(this.#marks.get(key));
    const end = () => {
      this.#marks.delete(key);
      this.#gone.delete(key);
      this.#redraw();
    };
    this.#marks.set(key, setTimeout(end, time));
  }

  #sorted() {
    const words = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...this.#triples.values(), ...this.#gone.values()];
    const rows = words.length === 0 ? all : all.filter((row) => matches(row, words));
    return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #draw() {
    // What a person is typing is not taken from him; the table follows when he is done.
    if (this.#editing !== undefined && this.#body.querySelector(".is-edited")) {
      if (this.#triples.has(this.#editing)) return;
      this.say("The triple that was being edited was removed meanwhile.");
      this.#editing = undefined;
    }
    this.#rows = this.#sorted();
    const pages = Math.max(1, Math.ceil(this.#rows.length / PAGE));
    this.#page = Math.min(this.#page, pages - 1);
    const start = this.#page * PAGE;
    const shown = this.#rows.slice(start, start + PAGE);
    const focused = this.#focusedRow();
    this.#body.replaceChildren(
      ...shown.map((row, at) => this.#row(row, at > 0 && shown[at - 1]?.s.nt === row.s.nt)),
    );
    if (focused !== undefined) this.#refocus(focused);
    if (this.#awaited !== undefined) {
      if (isNowhere()) this.#refocus({ key: this.#awaited, action: "edit" });
      if (!isNowhere()) this.#awaited = undefined;
    }
    const total = this.#triples.size;
    const count = this.#rows.length - this.#gone.size;
    byId("triples-count").textContent =
      this.#filter.value === ""
        ? plural(total, "triple")
        : `${count} of ${plural(total, "triple")}`;
    this.#drawPager(pages, start, shown.length);
  }

  #focusedRow() {
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const row = active?.closest("#triples-body tr");
    if (!(row instanceof HTMLElement)) return undefined;
    return { key: row.dataset.key, action: active?.dataset.action };
  }

  /** @param {{key?: string, action?: string}} focused */
  #refocus({ key, action }) {
    const row = [...this.#body.children].find(({ dataset }) => dataset.key === key);
    row?.querySelector(`[data-action="${action}"]`)?.focus();
  }

  /** @param {Triple} row @param {boolean} repeats whether the subject is that of the row above */
  #row(row, repeats) {
    const isGone = this.#gone.has(row.key);
    const isAdded = !isGone && this.#marks.has(row.key);
    const isEditable = this.#isWritable && isNameable(row) && !isGone;
    const state = isGone ? "is-removed" : isAdded ? "is-added" : "";
    const name = `${shortIri(row.s.value)} ${shortIri(row.p.value)}`;
    const action = (
      /** @type {string} */ verb,
      /** @type {"edit" | "remove"} */ image,
      /** @type {string} */ label,
    ) =>
      el(
        "button",
        {
          type: "button",
          class: "tool",
          data: { action: verb },
          "aria-label": `${label}: ${name}`,
          title: label,
        },
        icon(image),
      );
    return el(
      "tr",
      { class: `${state}${repeats ? " repeats" : ""}`, data: { key: row.key } },
      el(
        "td",
        { class: "subject" },
        state !== "" &&
          el("span", {
            class: "change-mark",
            text: isGone ? "−" : "+",
            title: isGone ? "removed" : "added",
          }),
        el(
          "button",
          { type: "button", class: "link", data: { action: "subject" } },
          termView(row.s),
        ),
      ),
      el("td", { class: "predicate" }, termView(row.p)),
      el(
        "td",
        { class: "object" },
        row.o.kind === "literal"
          ? termView(row.o)
          : el(
              "button",
              { type: "button", class: "link", data: { action: "object" } },
              termView(row.o),
            ),
      ),
      el(
        "td",
        { class: "actions" },
        isEditable && [
          action("edit", "edit", "Change the object"),
          action("remove", "remove", "Remove"),
        ],
      ),
    );
  }

  /** @param {number} pages @param {number} start @param {number} count */
  #drawPager(pages, start, count) {
    const pager = byId("triples-pager");
    pager.hidden = pages === 1;
    const turn = (/** @type {number} */ by) => () => {
      this.#page += by;
      this.#draw();
      byId("triples-scroll").scrollTop = 0;
    };
    pager.replaceChildren(
      el(
        "button",
        { type: "button", disabled: this.#page === 0, on: { click: turn(-1) } },
        "Previous",
      ),
      el("span", {
        class: "facts",
        text: `${start + 1}–${start + count} of ${this.#rows.length.toLocaleString("en")}`,
      }),
      el(
        "button",
        {
          type: "button",
          disabled: this.#page === pages - 1,
          on: { click: turn(1) },
        },
        "Next",
      ),
    );
  }

  /** @param {any} event */
  #clicked({ target }) {
    const button = target.closest("[data-action]");
    const row = button?.closest("tr");
    const found = this.#triples.get(row?.dataset.key ?? "");
    if (found === undefined) return;
    switch (button.dataset.action) {
      case "subject":
        this.emit("select", found.s);
        break;
      case "object":
        this.emit("select", found.o);
        break;
      case "edit":
        this.#openEditor(found, row);
        break;
      case "remove":
        this.#remove(found).catch((error) => this.say(error));
    }
  }

  /** @param {Triple} old @param {HTMLElement} row */
  #openEditor(old, row) {
    if (this.#editing !== undefined) this.#closeEditor();
    this.#editing = old.key;
    const kind = kindOf(old.o);
    const isLong = kind === "text" && (old.o.value.length > 80 || old.o.value.includes("\n"));
    const input = el(isLong ? "textarea" : "input", {
      "aria-label": "Object",
      value: typedText(old.o),
      spellcheck: "false",
    });
    if (isLong) input.rows = 4;
    const kinds = el(
      "select",
      { "aria-label": "The object is" },
      ...["text", "resource", "turtle"].map((name) =>
        el("option", {
          value: name,
          text: name === "text" ? "Text" : name === "resource" ? "Resource" : "Turtle",
          selected: name === kind,
        }),
      ),
    );
    const save = async () => {
      try {
        const next = triple(old.s, old.p, readTerm(input.value, kinds.value));
        this.#closeEditor();
        if (next.key !== old.key) await this.#replace(old, next);
      } catch (error) {
        this.say(error);
      }
    };
    const form = el(
      "form",
      { class: "edit-form" },
      input,
      kinds,
      el("button", { class: "primary" }, "Save"),
      el("button", { type: "button", on: { click: () => this.#closeEditor() } }, "Cancel"),
    );
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void save();
    });
    form.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") this.#closeEditor();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      else return;
      event.stopPropagation();
    });
    row.classList.add("is-edited");
    row.querySelector(".object")?.replaceChildren(form);
    input.focus();
    input.select();
  }

  #closeEditor() {
    const key = this.#editing;
    this.#editing = undefined;
    this.#draw();
    if (key !== undefined) this.#refocus({ key, action: "edit" });
  }
}

/** Whether what had the focus is gone. */
const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

/** @param {Triple} row @param {string[]} words */
function matches({ s, p, o }, words) {
  const text =
    `${s.value} ${shortIri(s.value)} ${p.value} ${shortIri(p.value)} ${o.value} ${o.kind === "iri" ? shortIri(o.value) : ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
