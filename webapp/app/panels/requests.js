/**
 * Requests and their answers with latency; and a form to send one.
 */
import { byId, el, oncePerFrame } from "../dom.js";

/** @typedef {import("../bridge/bridge.js").Exchange} Exchange */

const MOST = 200;

export class RequestsPanel {
  /** The newest first. @type {Exchange[]} */
  #exchanges = [];
  /** @type {Set<number>} */
  #opened = new Set();
  /** Draws soon, if somebody looks. */
  redraw = oncePerFrame(() => byId("panel-requests").hidden || this.#draw());

  /** @param {import("../bridge/bridge.js").Bridge} bridge */
  constructor(bridge) {
    this.bridge = bridge;
    this.destination = el("input", {
      id: "request-destination",
      value: "services/echo",
      required: true,
      list: "known-destinations",
      spellcheck: "false",
    });
    this.operation = el("input", {
      id: "request-operation",
      placeholder: "none",
      spellcheck: "false",
      list: "known-operations",
    });
    this.body = el("textarea", {
      id: "request-body",
      class: "code",
      rows: 2,
      spellcheck: "false",
      value: "Hello, bridge",
    });
    this.list = el("ol", {
      class: "exchanges",
      id: "exchanges",
      reversed: true,
    });
    this.summary = el("p", { class: "facts", id: "latency-summary" });
    const form = el(
      "form",
      { class: "request-form", "aria-label": "Send a request" },
      el(
        "div",
        { class: "field" },
        el("label", { for: "request-destination", text: "Destination" }),
        this.destination,
      ),
      el(
        "div",
        { class: "field" },
        el("label", { for: "request-operation", text: "operation" }),
        this.operation,
      ),
      el(
        "div",
        { class: "field wide" },
        el("label", { for: "request-body", text: "Body" }),
        this.body,
      ),
      el(
        "div",
        { class: "buttons wide" },
        this.summary,
        el("span", { class: "spring" }),
        el("button", { class: "primary", id: "request-send" }, "Send request"),
      ),
      datalist("known-destinations", ["services/echo", "services/graph"]),
      datalist("known-operations", ["graphs", "query", "update", "load", "create"]),
    );
    byId("panel-requests").append(
      form,
      el(
        "div",
        {
          class: "scroll",
          tabindex: "0",
          role: "region",
          "aria-label": "Requests, the newest first",
        },
        this.list,
      ),
    );
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const operation = this.operation.value.trim();
      const properties = operation === "" ? {} : { operation };
      // Its outcome, good or bad, is shown in the list.
      this.bridge
        .request(this.destination.value.trim(), this.body.value, { properties })
        .catch(() => undefined);
    });
    this.body.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    bridge.on("exchange", (exchange) => {
      if (!this.#exchanges.includes(exchange)) this.#exchanges.unshift(exchange);
      this.#exchanges.length = Math.min(this.#exchanges.length, MOST);
      this.redraw();
    });
    this.#draw();
  }

  #draw() {
    const done = this.#exchanges.flatMap(({ ms, outcome }) =>
      outcome === "ok" && ms !== undefined ? [ms] : [],
    );
    const sorted = [...done].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    this.summary.textContent =
      median === undefined ? "" : `median ${median.toFixed(1)} ms of ${done.length}`;
    const scale = Math.max(20, ...done);
    this.list.replaceChildren(...this.#exchanges.map((exchange) => this.#item(exchange, scale)));
  }

  /** @param {Exchange} exchange @param {number} scale milliseconds of the longest bar */
  #item(exchange, scale) {
    const { id, destination, properties, correlationId, ms, firstMs, parts, outcome, time } =
      exchange;
    const bar = el("span", { class: "latency-bar" });
    bar.style.width = `${Math.max(2, ((ms ?? 0) / scale) * 100)}%`;
    const latency = ms === undefined ? "…" : `${ms.toFixed(1)} ms`;
    const several =
      parts.length > 1 ? `${parts.length} parts, first after ${firstMs?.toFixed(1)} ms` : "";
    const details = el(
      "details",
      { class: `exchange ${outcome}`, open: this.#opened.has(id) },
      el(
        "summary",
        {},
        el(
          "span",
          { class: "exchange-what" },
          el("b", { text: properties.operation ?? "" }),
          " ",
          el("span", { class: "mono faint", text: destination }),
        ),
        el("span", {
          class: `badge ${outcome}`,
          text: outcome === "open" ? "waiting" : outcome,
        }),
        el("span", { class: "latency mono", text: latency }),
        el("span", { class: "latency-track", "aria-hidden": "true" }, bar),
        el("span", {
          class: "exchange-id mono faint",
          text: [time.toLocaleTimeString(), correlationId, several].filter(Boolean).join(" · "),
        }),
      ),
    );
    if (this.#opened.has(id)) details.append(...this.#bodies(exchange));
    details.addEventListener("toggle", () => {
      const { open } = details;
      if (open === this.#opened.has(id)) return;
      if (open) {
        this.#opened.add(id);
        details.append(...this.#bodies(exchange));
      } else {
        this.#opened.delete(id);
        details
          .querySelectorAll(".message-view")
          .forEach((/** @type {Element} */ view) => view.remove());
      }
    });
    return el("li", {}, details);
  }

  /** @param {Exchange} exchange */
  #bodies({ properties, body, parts, error }) {
    return [
      messageView("Request", properties, body),
      ...parts
        .slice(0, 5)
        .map((part, at) =>
          messageView(
            parts.length > 1 ? `Answer, part ${at + 1}` : "Answer",
            part.properties,
            part.body,
          ),
        ),
      ...(parts.length > 5
        ? [
            el("p", {
              class: "message-view hint",
              text: `… and ${parts.length - 5} more parts`,
            }),
          ]
        : []),
      ...(error === undefined ? [] : [el("p", { class: "message-view message", text: error })]),
    ];
  }
}

/** @param {string} title @param {Record<string, any>} properties @param {any} body */
function messageView(title, properties, body) {
  const rows = Object.entries(properties).map(([name, value]) =>
    el("div", {}, el("dt", { text: name }), el("dd", { text: String(value) })),
  );
  return el(
    "div",
    { class: "message-view" },
    el("h3", { text: title }),
    rows.length > 0 && el("dl", { class: "properties" }, ...rows),
    el("pre", { class: "code", tabindex: "0" }, pretty(body)),
  );
}

/** @param {any} body */
export function pretty(body, most = 20_000) {
  let text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  try {
    if (typeof body === "string" && /^\s*[{[]/.test(body))
      text = JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    // Not JSON after all.
  }
  if (text === "") return "(empty)";
  return text.length > most
    ? `${text.slice(0, most)}\n… ${text.length - most} characters more`
    : text;
}

/** @param {string} id @param {string[]} values */
const datalist = (id, values) =>
  el("datalist", { id }, ...values.map((value) => el("option", { value })));
