/**
 * The revisions of the graph that this page has seen, as bars, and what one of them changed, as lines.
 */
import { byId, el, plural } from "../dom.js";
import { quoted } from "../visible.js";
import { termView } from "./term-view.js";

/** @typedef {import("../graph/feed.js").Change} Change */

const MOST = 60;
const LINES = 200;

export class RevisionsPanel {
  /** @type {Change[]} */
  #changes = [];
  #start = 0;
  /** @type {Change | undefined} */
  #selected;
  #bars = byId("revision-bars");
  #diff = byId("revision-diff");

  constructor() {
    this.#bars.addEventListener("keydown", (/** @type {KeyboardEvent} */ { key }) => {
      const step = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
      const at = this.#changes.indexOf(/** @type {Change} */ (this.#selected)) + step;
      if (step === 0 || this.#changes[at] === undefined) return;
      this.#select(this.#changes[at]);
      this.#bars.querySelector("[aria-current]")?.focus();
    });
  }

  /** @param {number} revision the one that was read first */
  reset(revision) {
    this.#changes = [];
    this.#selected = undefined;
    this.#start = revision;
    this.#draw();
  }

  /** @param {Change} change */
  add(change) {
    const followed = this.#selected === undefined || this.#selected === this.#changes.at(-1);
    this.#changes.push(change);
    if (this.#changes.length > MOST) this.#changes.shift();
    if (followed) this.#selected = change;
    this.#draw();
    this.#bars.scrollLeft = this.#bars.scrollWidth;
  }

  /** @param {Change | undefined} change */
  #select(change) {
    this.#selected = change;
    this.#draw();
  }

  #draw() {
    const start =
      this.#start === 0
        ? "The graph is new."
        : `It was at revision ${this.#start} when you opened it.`;
    this.#bars.replaceChildren(...this.#changes.map((change) => this.#bar(change)));
    this.#bars.hidden = this.#changes.length === 0;
    if (this.#selected === undefined) {
      this.#diff.replaceChildren(
        el("p", {
          class: "hint",
          text: `${start} Changes show here as they happen.`,
        }),
      );
      return;
    }
    this.#diff.replaceChildren(...this.#lines(this.#selected));
  }

  /** @param {Change} change */
  #bar(change) {
    const { added, removed, revision, label } = change;
    const part = (/** @type {string} */ kind, /** @type {number} */ count) => {
      const bar = el("span", { class: `bar ${kind}` });
      // A few changes are to be seen beside some hundred.
      bar.style.height = `${count === 0 ? 0 : Math.min(22, 3 + 3.2 * Math.log2(count))}px`;
      return bar;
    };
    const title = `${sentence(change)}${label ? ` (${quoted(label)})` : ""}`;
    return el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: "revision",
          title,
          "aria-label": title,
          "aria-current": change === this.#selected ? "true" : undefined,
          data: { revision },
          on: { click: () => this.#select(change) },
        },
        el("span", { class: "up" }, part("added", added.length)),
        el("span", { class: "down" }, part("removed", removed.length)),
        el("span", { class: "number", text: revision }),
      ),
    );
  }

  /** @param {Change} change */
  #lines(change) {
    const { added, removed, label, time } = change;
    const line =
      (/** @type {string} */ sign, /** @type {string} */ kind) =>
      (/** @type {any} */ { s, p, o }) =>
        el(
          "li",
          { class: kind },
          el("span", { class: "sign", text: sign }),
          termView(s),
          " ",
          termView(p),
          " ",
          termView(o, 120),
        );
    const lines = [...removed.map(line("−", "removed")), ...added.map(line("+", "added"))];
    const more = lines.length - LINES;
    return [
      el(
        "p",
        { class: "diff-head" },
        el("b", { text: sentence(change) }),
        label ? ` · ${quoted(label)}` : "",
        ` · ${time.toLocaleTimeString()}`,
      ),
      el("ul", { class: "diff" }, ...lines.slice(0, LINES)),
      more > 0 && el("p", { class: "hint", text: `… and ${plural(more, "line")} more` }),
    ].filter(Boolean);
  }
}

/** A change in one sentence. @param {Change} change */
export function sentence({ user, added, removed, revision, missed }) {
  const counts = [
    added.length > 0 && `added ${plural(added.length, "triple")}`,
    removed.length > 0 && `removed ${plural(removed.length, "triple")}`,
  ].filter(Boolean);
  const who = missed ? "Meanwhile others" : quoted(user);
  if (counts.length === 0) return `${who} made revision ${revision}, in which no triple differs`;
  return `${who} ${counts.join(" and ")}, revision ${revision}`;
}
