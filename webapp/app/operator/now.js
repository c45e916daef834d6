/**
 * The part of the page that shows what happens now: charts, refusals, the biggest outboxes.
 */
import { byId, el, plural } from "../dom.js";
import { visible } from "../visible.js";
import { Chart } from "./chart.js";
import { History } from "./figures.js";
import { size } from "./units.js";

const rate = (/** @type {number} */ value) =>
  `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value).toLocaleString("en")}/s`;
const time = (/** @type {number} */ ms) =>
  Number.isFinite(ms) ? `≤ ${ms < 1000 ? `${ms} ms` : `${ms / 1000} s`}` : "> 30 s";
const count = (/** @type {number} */ value) => value.toLocaleString("en");

const latency = (/** @type {string} */ title, /** @type {string} */ key) =>
  new Chart(
    title,
    [
      { key: `${key}Most`, label: "for 99 %" },
      { key: `${key}Half`, label: "for half" },
    ],
    time,
  );

const CHARTS = [
  new Chart(
    "From clients to services",
    [
      { key: "sent", label: "sent" },
      { key: "answers", label: "answered" },
    ],
    rate,
  ),
  new Chart(
    "Topics",
    [
      { key: "deliveries", label: "to clients" },
      { key: "topicMessages", label: "received" },
    ],
    rate,
  ),
  new Chart("Connected clients", [{ key: "connected", label: "now" }], count),
  latency("Request to answer", "request"),
  latency("Broker accepts a message", "brokerAccept"),
  latency("Topic message to client", "topicLatency"),
];

/** What the reasons of refusals mean. @type {Record<string, string>} */
const REASONS = {
  badRequest: "Malformed requests",
  unsupportedVersion: "Unsupported protocol version",
  notConnected: "Not connected",
  notAuthorized: "Not authorised",
  limitExceeded: "Limit exceeded",
  brokerUnavailable: "Broker not available",
  sendFailed: "Broker refused the message",
  internalError: "Internal error",
  origin: "Page of a foreign origin",
  password: "Too many wrong passwords",
  token: "Invalid tokens",
  connection: "Too many connections of an address",
  memory: "Memory account full",
  webSocket: "WebSockets closed to protect others",
};

const history = new History();
byId("charts").replaceChildren(...CHARTS.map(({ element }) => element));

/** @param {import("./figures.js").Figures} figures @param {(clientId: string) => void} onClient */
export function showNow(figures, onClient) {
  history.add(figures);
  for (const chart of CHARTS) chart.show(history.points);
  const { memoryBytes, memoryLimit, dropped, slowClients } = figures;
  byId("losses").textContent =
    `Since the start: ${plural(dropped, "topic message")} discarded for slow clients, ` +
    `${plural(slowClients, "client")} ended as too slow. ` +
    `Messages and requests use ${size(memoryBytes)} of ${size(memoryLimit)}.`;
  showRefusals();
  showOutboxes(figures.outboxes, onClient);
}

function showRefusals() {
  const refusals = history.refusals();
  byId("refusals-empty").hidden = refusals.length > 0;
  byId("refusals").hidden = refusals.length === 0;
  const most = Math.max(...refusals.map(({ total }) => total));
  byId("refusals").replaceChildren(
    ...refusals.map(({ reason, total, now }) => {
      const bar = el("meter", {
        min: 0,
        max: most,
        value: String(total),
        "aria-hidden": "true",
      });
      bar.value = total;
      return el(
        "li",
        {},
        el("span", { text: REASONS[reason] ?? reason }),
        el("span", {
          class: "op-count",
          text: now > 0 ? `${count(total)} (+${count(now)})` : count(total),
        }),
        bar,
      );
    }),
  );
}

/** @param {import("./figures.js").Outbox[]} outboxes @param {(clientId: string) => void} onClient */
function showOutboxes(outboxes, onClient) {
  byId("outboxes-empty").hidden = outboxes.length > 0;
  byId("outboxes").hidden = outboxes.length === 0;
  const body = byId("outboxes");
  const focused = /** @type {HTMLElement | null} */ (
    body.contains(document.activeElement) ? document.activeElement : null
  )?.dataset.outbox;
  body.replaceChildren(
    ...outboxes.map(({ user, clientId, messages, bytes }) =>
      el(
        "li",
        {},
        el("button", {
          type: "button",
          class: "link op-user",
          text: visible(user),
          data: { outbox: clientId },
          on: { click: () => onClient(clientId) },
        }),
        el("span", { class: "op-count", text: `${plural(messages, "message")} · ${size(bytes)}` }),
      ),
    ),
  );
  if (focused !== undefined) body.querySelector(`[data-outbox="${CSS.escape(focused)}"]`)?.focus();
}
