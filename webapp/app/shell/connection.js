/**
 * The state of the connection, in the header; and the switch that cuts it.
 */
import { byId } from "../dom.js";

const TEXTS = {
  connected: "Connected",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
  disconnected: "Disconnected",
};
const TRANSPORTS = { websocket: "WebSocket", "long-polling": "Long polling" };

/** Shows it, and switches it. */
export class ConnectionView {
  #box = byId("connection");
  #cut = byId("cut");
  #banner = byId("banner");
  /** @type {string | undefined} */
  #brokerTrouble;

  /** @param {import("../bridge/bridge.js").Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    const { wire } = bridge;
    bridge.on("status", () => this.#draw());
    bridge.on("bridgeStatus", ({ status }) => {
      this.#brokerTrouble =
        status === "suspended"
          ? "The bridge has lost its broker and is working on it. What is sent now is refused."
          : status === "draining"
            ? "This bridge is being stopped; the page moves to another one."
            : undefined;
      this.#draw();
    });
    bridge.on("transport", () => this.#draw());
    wire.on("cut", () => this.#draw());
    this.#cut.addEventListener("click", () => this.toggle());
    this.#draw();
  }

  toggle() {
    const { wire } = this.bridge;
    if (wire.isCut) wire.restore();
    else wire.cut();
  }

  #draw() {
    const { status, info, transport, wire } = this.bridge;
    const { isCut } = wire;
    const state = isCut
      ? "cut"
      : this.#brokerTrouble && status === "connected"
        ? "suspended"
        : status;
    this.#box.dataset.state = state;
    this.#box.dataset.transport = transport ?? "";
    byId("connection-text").textContent =
      state === "cut" ? "Cut" : state === "suspended" ? "No broker" : TEXTS[status];
    byId("connection-transport").textContent = transport === undefined ? "" : TRANSPORTS[transport];
    byId("connection-bridge").textContent = info?.bridgeId ?? "";
    this.#cut.textContent = isCut ? "Restore" : "Cut";
    this.#cut.title = isCut ? "Let the network through again (x)" : "Cut this page’s network (x)";
    this.#cut.setAttribute("aria-pressed", String(isCut));
    const trouble = isCut
      ? "The connection is cut, as if this browser had lost its network. Others can go on; restore it and see what was missed."
      : this.#brokerTrouble;
    this.#banner.hidden = trouble === undefined;
    this.#banner.textContent = trouble ?? "";
  }
}
