/**
 * The log of what travels between this page and the bridge.
 */
import { byId, el, oncePerFrame } from "../dom.js";
import { visible } from "../visible.js";
import { pretty } from "./requests.js";

/**
 * @typedef {import("../bridge/wire.js").Packet} Packet
 * @typedef {{id: number, packet: Packet, channel: string, what: string, correlationId: string, topic: string, isMeta: boolean, text: string}} Line
 */

const MOST = 500;

export class LogPanel {
  /** The newest last. @type {Line[]} */
  #lines = [];
  #ids = 0;
  /** @type {number | undefined} */
  #opened;
  #isPaused = false;
  /** Draws soon, if somebody looks. */
  redraw = oncePerFrame(() => byId("panel-log").hidden || this.#draw());

  /** @param {import("../bridge/wire.js").Wire} wire */
  constructor(wire) {
    this.filter = el("input", {
      type: "search",
      id: "log-filter",
      placeholder: "Filter: topic, correlation id, …",
      "aria-label": "Filter the log",
    });
    this.meta = el("input", { type: "checkbox", id: "log-meta" });
    this.pause = el("button", { type: "button", "aria-pressed": "false" }, "Pause");
    this.count = el("p", { class: "facts" });
    this.body = el("tbody", { id: "log-body" });
    byId("panel-log").append(
      el(
        "div",
        { class: "table-tools" },
        this.filter,
        el("label", { class: "check" }, this.meta, "Heartbeats"),
        this.pause,
        el("button", { type: "button", on: { click: () => this.#clear() } }, "Clear"),
      ),
      el(
        "div",
        {
          class: "scroll",
          tabindex: "0",
          role: "region",
          "aria-label": "Messages, the newest first",
        },
        el(
          "table",
          { class: "log" },
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              ...["Time", "", "What", "Correlation id", "Bytes"].map((name) =>
                el("th", {
                  scope: "col",
                  text: name || "Direction",
                  class: name ? "" : "narrow",
                }),
              ),
            ),
          ),
          this.body,
        ),
      ),
      this.count,
    );
    this.filter.addEventListener("input", this.redraw);
    this.meta.addEventListener("change", this.redraw);
    this.pause.addEventListener("click", () => {
      this.#isPaused = !this.#isPaused;
      this.pause.setAttribute("aria-pressed", String(this.#isPaused));
      this.redraw();
    });
    this.body.addEventListener("click", (/** @type {any} */ { target }) => {
      const id = Number(target.closest("tr[data-id]")?.dataset.id);
      if (target.closest(".correlation")) {
        this.filter.value = target.closest(".correlation").textContent;
      } else if (id) {
        this.#opened = this.#opened === id ? undefined : id;
      }
      this.#draw();
    });
    wire.on("packet", (packet) => {
      this.#lines.push(this.#read(packet));
      if (this.#lines.length > MOST) this.#lines.shift();
      if (!this.#isPaused) this.redraw();
    });
    this.#draw();
  }

  #clear() {
    this.#lines = [];
    this.#draw();
  }

  /** @param {Packet} packet @returns {Line} */
  #read(packet) {
    const { message, out } = packet;
    const { channel = "", data, successful, error } = message;
    const properties = data?.properties ?? {};
    const correlationId = String(properties.JMSCorrelationID ?? data?.correlationId ?? "");
    const topic = String(properties.topic ?? data?.topics?.join?.(", ") ?? "");
    const isReceipt = !out && successful !== undefined && !channel.startsWith("/meta/");
    const what = channel.startsWith("/meta/")
      ? `${channel.slice(6)}${error ? `: ${error}` : ""}`
      : isReceipt
        ? `receipt${error ? `: ${error}` : ""}`
        : describeData(data, properties, out);
    const isMeta = channel === "/meta/connect" || isReceipt;
    const text = `${channel} ${what} ${correlationId} ${topic}`.toLowerCase();
    return {
      id: ++this.#ids,
      packet,
      channel,
      what,
      correlationId,
      topic,
      isMeta,
      text,
    };
  }

  #draw() {
    const wanted = this.filter.value.trim().toLowerCase();
    const shown = this.#lines.filter(
      ({ isMeta, text }) =>
        (!isMeta || this.meta.checked) && (wanted === "" || text.includes(wanted)),
    );
    shown.reverse();
    this.body.replaceChildren(...shown.slice(0, 250).flatMap((line) => this.#row(line)));
    const hidden = this.#lines.length - shown.length;
    this.count.textContent = `${shown.length} messages${hidden > 0 ? `, ${hidden} not shown` : ""}${this.#isPaused ? ", paused" : ""}`;
  }

  /** @param {Line} line */
  #row({ id, packet, channel, what, correlationId, topic }) {
    const { out, time, bytes, transport } = packet;
    const isOpen = this.#opened === id;
    const direction = out ? "to the bridge" : "from the bridge";
    const row = el(
      "tr",
      {
        class: `${out ? "out" : "in"}${topic && !out ? " is-topic" : ""}`,
        data: { id },
      },
      el("td", {
        class: "mono time",
        text: `${time.toLocaleTimeString("en-GB")}.${String(time.getMilliseconds()).padStart(3, "0")}`,
      }),
      el(
        "td",
        { class: "direction", title: `${direction}, ${transport}` },
        el("span", { "aria-hidden": "true", text: out ? "↑" : "↓" }),
        el("span", { class: "visually-hidden", text: direction }),
      ),
      el(
        "td",
        { class: "what" },
        el("button", { type: "button", class: "link", "aria-expanded": String(isOpen) }, what),
        el("span", {
          class: "mono faint channel",
          text: shortChannel(channel),
        }),
        topic && el("span", { class: "mono topic", text: readable(topic) }),
      ),
      el(
        "td",
        { class: "id" },
        correlationId &&
          el("button", {
            type: "button",
            class: "link mono correlation",
            title: "Show only this id",
            text: correlationId,
          }),
      ),
      el("td", { class: "mono bytes", text: bytes.toLocaleString("en") }),
    );
    if (!isOpen) return [row];
    const raw = el(
      "tr",
      { class: "raw" },
      el(
        "td",
        { colspan: 5 },
        el("pre", {
          class: "code",
          tabindex: "0",
          text: pretty(packet.message),
        }),
      ),
    );
    return [row, raw];
  }
}

/** @param {any} data @param {Record<string, any>} properties @param {boolean} out */
function describeData(data, properties, out) {
  if (data === undefined) return "";
  if (out) {
    if (data.type !== undefined) return String(data.type);
    const cancel = properties.cancel === true ? "cancel " : "";
    const name = data.destination ?? "an answer";
    return `${cancel}${name}${properties.operation ? ` · ${properties.operation}` : ""}`;
  }
  if (properties.type === "topicMessage") {
    return properties.revision === undefined
      ? "topic message"
      : `topic message · revision ${properties.revision}`;
  }
  if (properties.type === "snapshot") {
    const part = properties.sequence === undefined ? "" : `, part ${properties.sequence}`;
    return `snapshot${part}`;
  }
  if (data.type !== undefined) return `${data.type}${data.status ? `: ${data.status}` : ""}`;
  if (data.status !== undefined)
    return `${data.status}${data.errorCode ? `: ${data.errorCode}` : ""}`;
  const part = properties.sequence === undefined ? "" : `, part ${properties.sequence}`;
  return `answer${properties.status ? ` · ${properties.status}` : ""}${part}`;
}

/** Of a user's channel the client id says nothing to people. @param {string} channel */
const shortChannel = (channel) => channel.replace(/^(\/[^/]+\/user\/[^/]+\/.{6}).*$/, "$1…");

/** @param {string} topic */
function readable(topic) {
  try {
    return visible(decodeURIComponent(topic));
  } catch {
    return topic;
  }
}
