/**
 * The durable subscriptions: a table of those that the bridge knows, and a form for any other.
 */
import { byId, el } from "../dom.js";
import { quoted, visible } from "../visible.js";
import { cell, codeCell, endCell, replaceRows, sinceCell, userCell } from "./table.js";

/** @typedef {Pick<import("./endpoints.js").Durable, "user" | "topic" | "name">} Named */

/**
 * @param {import("./endpoints.js").Durable[]} durables
 * @param {(durable: Named) => void} onDelete
 */
export function showDurables(durables, onDelete) {
  const now = Date.now();
  replaceRows("durables-body", durables, (durable) => {
    const { user, topic, name, broker, inUse, bridge, since } = durable;
    return el(
      "tr",
      { data: { durable: JSON.stringify([user, topic, name]) } },
      userCell(user),
      codeCell("Topic", topic),
      codeCell("Name", name),
      cell("Broker", broker),
      cell(
        "Used",
        el("span", {
          class: `op-badge ${inUse ? "connected" : ""}`,
          text: inUse ? "here" : `last on ${visible(bridge)}`,
        }),
      ),
      sinceCell(since, now),
      endCell("Delete…", `Delete ${visible(name)} of ${quoted(user)} on ${visible(topic)}`, () =>
        onDelete(durable),
      ),
    );
  });
}

/** @param {(durable: Named) => void} onDelete called with what somebody has typed */
export function whenNamed(onDelete) {
  byId("durable-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    onDelete({
      user: byId("durable-user").value,
      topic: byId("durable-topic").value.trim(),
      name: byId("durable-name").value.trim(),
    });
  });
}

/** @param {Named} durable */
export function showDeleted({ user, topic, name }) {
  byId("durable-done").textContent =
    `Deleted: ${visible(name)} of ${quoted(user)} on ${visible(topic)}`;
  byId("durable-form").reset();
}
