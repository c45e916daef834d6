/**
 * The head of the board: the bridge, its brokers, and how much there is of everything.
 */
import { byId, el } from "../dom.js";

/** @param {import("./endpoints.js").Bridge} bridge */
export function showBridge(bridge) {
  byId("bridge-id").textContent = bridge.bridgeId;
  const state = bridge.draining ? "draining" : bridge.trouble === undefined ? "ready" : "suspended";
  byId("bridge-state").dataset.state = state;
  byId("bridge-text").textContent = {
    ready: "Serving clients",
    draining: "Draining: no new clients",
    suspended: `Serves nobody: ${bridge.trouble}`,
  }[state];
  byId("drain").disabled = bridge.draining;
  showBrokers(bridge);
  showClock(bridge.brokerClockOffsetSeconds ?? 0);
  showCounts(bridge);
}

/** @param {number} offset of the broker's clock, in seconds */
function showClock(offset) {
  byId("bridge-warning").hidden = offset === 0;
  byId("bridge-warning").textContent =
    `The broker’s clock is ${Math.abs(offset).toLocaleString("en")} s ${offset > 0 ? "ahead of" : "behind"} this bridge’s: ` +
    "messages with a time to live expire at the wrong time.";
}

/**
 * The only broker as one line, several as a list.
 *
 * @param {import("./endpoints.js").Bridge} bridge
 */
function showBrokers({ brokerAddress, brokers = [] }) {
  const several = brokers.length > 0;
  byId("bridge-broker").hidden = several || brokerAddress === undefined;
  byId("bridge-broker").textContent = `Broker at ${brokerAddress}`;
  byId("bridge-brokers").hidden = !several;
  byId("bridge-brokers").replaceChildren(
    ...brokers.map(({ name, connected, address, trouble }) => {
      const place = connected ? (address ?? "connected") : "not connected";
      return el(
        "li",
        { class: "op-state", data: { state: trouble === undefined ? "ready" : "suspended" } },
        el("span", { class: "op-dot", "aria-hidden": "true" }),
        el("span", { text: `Broker ${name}: ${trouble ?? place}` }),
      );
    }),
  );
}

/** @param {{connected: number, sessions: number, subscriptions: number, queueConsumers: number}} counts */
export function showCounts(counts) {
  for (const name of /** @type {const} */ ([
    "connected",
    "sessions",
    "subscriptions",
    "queueConsumers",
  ])) {
    byId(`count-${name}`).textContent = counts[name].toLocaleString("en");
  }
}
