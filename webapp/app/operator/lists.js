/**
 * The tables of clients and of subscriptions.
 */
import { el } from "../dom.js";
import { quoted } from "../visible.js";
import { cell, codeCell, countCell, endCell, replaceRows, sinceCell, userCell } from "./table.js";
import { size } from "./units.js";

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
      userCell(client.user),
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
      codeCell("Address", client.address),
      sinceCell(client.since, now),
      countCell("Topics", client.topics),
      cell("Waiting", waiting, "number"),
      countCell("Requests", client.requestsInFlight),
      endCell("Disconnect…", `Disconnect ${quoted(client.user)}, client ${client.clientId}`, () =>
        onDisconnect(client),
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
      codeCell("Topic", topic),
      selector === null ? cell("Selector", "–") : codeCell("Selector", selector),
      countCell("Subscribers", subscribers),
    ),
  );
}
