/**
 * What the tables have in common: cells, rows that keep the focus, and pages.
 */
import { byId, el } from "../dom.js";
import { visible } from "../visible.js";
import { age } from "./units.js";

export const PAGE = 50;

/** The name is shown beside the value where there is no room for columns. */
export const cell = (
  /** @type {string} */ name,
  /** @type {Node | string} */ content,
  /** @type {string | undefined} */ kind = undefined,
) => el("td", { class: kind, data: { name } }, content);

/** @param {string} name @param {number} count */
export const countCell = (name, count) => cell(name, count.toLocaleString("en"), "number");

/** @param {string} name @param {string} text a name that somebody chose */
export const codeCell = (name, text) =>
  cell(name, el("span", { class: "mono", text: visible(text) }));

/** @param {string} user */
export const userCell = (user) => cell("User", el("b", { class: "op-user", text: visible(user) }));

/** @param {string} since @param {number} now */
export const sinceCell = (since, now) =>
  cell("For", el("time", { datetime: since, title: since }, age(since, now)));

/**
 * The last cell of a row: the button that ends what the row shows.
 *
 * @param {string} text
 * @param {string} label what it ends, for those who do not see the row
 * @param {() => void} onPress
 */
export const endCell = (text, label, onPress) =>
  el(
    "td",
    { class: "op-actions" },
    el("button", {
      type: "button",
      class: "small op-danger op-end",
      text,
      "aria-label": label,
      on: { click: onPress },
    }),
  );

/**
 * Keeps the focus: a button that somebody is about to press must not go away with its row.
 * @template T @param {string} id @param {T[]} items @param {(item: T) => HTMLElement} row
 */
export function replaceRows(id, items, row) {
  const body = byId(id);
  const active = body.contains(document.activeElement) ? document.activeElement : null;
  // The row's only data attribute identifies it.
  const [focused] = Object.entries(active?.closest("tr")?.dataset ?? {});
  const button = active?.classList.contains("op-open") ? ".op-open" : ".op-end";
  body.replaceChildren(...items.map(row));
  if (focused !== undefined) {
    const [name, value] = focused;
    body.querySelector(`[data-${name}="${CSS.escape(value ?? "")}"] ${button}`)?.focus();
  }
}

/** @param {"clients" | "subscriptions" | "durables"} list @param {number} total @param {string} text shown if there are none */
export function showEmpty(list, total, text) {
  byId(`${list}-empty`).hidden = total > 0;
  byId(`${list}-empty`).textContent = text;
}

/** @param {"clients" | "subscriptions" | "durables"} list @param {number} offset @param {number} total @param {(offset: number) => void} go */
export function showPager(list, offset, total, go) {
  const pager = byId(`${list}-pager`);
  pager.hidden = total <= PAGE;
  const button = (
    /** @type {string} */ text,
    /** @type {number} */ to,
    /** @type {boolean} */ possible,
  ) => el("button", { type: "button", text, disabled: !possible, on: { click: () => go(to) } });
  pager.replaceChildren(
    button("Previous", Math.max(0, offset - PAGE), offset > 0),
    el("span", {
      class: "facts",
      text: `${offset + 1}–${Math.min(offset + PAGE, total)} of ${total.toLocaleString("en")}`,
    }),
    button("Next", offset + PAGE, offset + PAGE < total),
  );
}
