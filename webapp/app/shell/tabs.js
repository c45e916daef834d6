/**
 * Which panel is shown. On a wide page the picture always is, and one other beside it; on a narrow one a single panel.
 */
import { Emitter } from "../events.js";

const tabs = () =>
  /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".tabs [role=tab]")]);
const wide = matchMedia("(min-width: 900px)");

/** Emits `show` (the name of a panel). */
export class Tabs extends Emitter {
  /** What a narrow page shows. */
  view = "picture";
  /** What a wide page shows beside the picture. */
  side = "triples";

  constructor() {
    super();
    for (const tab of tabs()) {
      tab.addEventListener("click", () => this.show(String(tab.dataset.panel)));
      tab.addEventListener("keydown", (event) => this.#key(event, tab));
    }
    wide.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  /** @param {string} name */
  show(name) {
    this.view = name;
    if (name !== "picture") this.side = name;
    this.#draw();
    this.emit("show", name);
  }

  #draw() {
    const selected = wide.matches ? this.side : this.view;
    document.body.dataset.view = this.view;
    for (const tab of tabs()) {
      const isSelected = tab.dataset.panel === selected;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
      const panel = document.getElementById(`panel-${tab.dataset.panel}`);
      if (panel !== null)
        panel.hidden = !isSelected && !(wide.matches && tab.dataset.panel === "picture");
    }
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} tab */
  #key(event, tab) {
    const all = tabs().filter((other) => other.offsetParent !== null);
    const at = all.indexOf(tab);
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    this.show(String(next?.dataset.panel));
    next?.focus();
  }
}
