/**
 * The tables and their pages.
 */
import { byId, el, plural } from "../dom.js";
import { quoted, visible } from "../visible.js";

export const PAGE = 50;

/** @param {string} since @param {number} now @returns {string} such as 3 min */
export function age(since, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400)
    return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return plural(Math.floor(seconds / 86_400), "day");
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/**
 * @param {import("./endpoints.js").Client[]} clients
 * @param {(clientId: string) => void} onOpen
 * @param {(client: import("./endpoints.js").Client) => void} onDisconnect
 */
export function showClients(clients, onOpen, onDisconnect) {
  const now = Date.now();
  replaceRows("clients-body", clients, (client) => {
    const waiting =
      client.queuedMessages === 0
        ? "0"
        : `${client.queuedMessages.toLocaleString("en")} · ${size(client.queuedBytes)}`;
    return el(
      "tr",
      { data: { client: client.clientId } },
      cell("User", el("b", { class: "op-user", text: visible(client.user) })),
      cell(
        "Client",
        el("button", {
          type: "button",
          class: "link mono op-open",
          text: client.clientId,
          "aria-label": `Client ${client.clientId} of ${quoted(client.user)}: subscriptions and queue`,
          on: { click: () => onOpen(client.clientId) },
        }),
      ),
      cell("State", el("span", { class: `op-badge ${client.state}`, text: client.state })),
      cell("Transport", client.transport),
      cell("Address", el("span", { class: "mono", text: visible(client.address) })),
      cell(
        "For",
        el("time", { datetime: client.since, title: client.since }, age(client.since, now)),
      ),
      cell("Topics", client.topics.toLocaleString("en"), "number"),
      cell("Waiting", waiting, "number"),
      cell("Requests", client.requestsInFlight.toLocaleString("en"), "number"),
      el(
        "td",
        { class: "op-actions" },
        el("button", {
          type: "button",
          class: "small op-danger op-end",
          text: "Disconnect…",
          "aria-label": `Disconnect ${quoted(client.user)}, client ${client.clientId}`,
          on: { click: () => onDisconnect(client) },
        }),
      ),
    );
  });
}

/** @param {import("./endpoints.js").Subscription[]} subscriptions */
export function showSubscriptions(subscriptions) {
  replaceRows("subscriptions-body", subscriptions, ({ topic, selector, subscribers }) =>
    el(
      "tr",
      {},
      cell("Topic", el("span", { class: "mono", text: visible(topic) })),
      cell(
        "Selector",
        selector === null ? "–" : el("span", { class: "mono", text: visible(selector) }),
      ),
      cell("Subscribers", subscribers.toLocaleString("en"), "number"),
    ),
  );
}

/** The name is shown beside the value where there is no room for columns. */
export const cell = (
  /** @type {string} */ name,
  /** @type {Node | string} */ content,
  /** @type {string | undefined} */ kind = undefined,
) => el("td", { class: kind, data: { name } }, content);

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

/** @param {string} id @param {number} offset @param {number} total @param {(offset: number) => void} go */
export function showPager(id, offset, total, go) {
  const pager = byId(id);
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
