/**
 * What the user may use, from the AsyncAPI document of the bridge.
 */
import { byId, el, plural } from "../dom.js";
import { toggleTheme } from "../theme.js";
import { visible } from "../visible.js";

/** @typedef {{address: string, title?: string, parameters?: Record<string, {description: string}>, messages: Record<string, {payload?: object}>, "x-kind": string}} Channel */
/** @typedef {{action: "send" | "receive", channel: {$ref: string}}} Operation */
/** @typedef {{channels: Record<string, Channel>, operations: Record<string, Operation>}} Document */

const CHANNELS = "#/channels/";

byId("theme").addEventListener("click", toggleTheme);
byId("docs-filter").addEventListener("input", filter);
void read();

async function read() {
  const response = await fetch(new URL("../asyncapi.json", document.baseURI), {
    headers: { Accept: "application/json" },
    cache: "no-store",
  }).catch(() => undefined);
  const state = byId("docs-state");
  if (response?.status === 401) {
    state.replaceChildren(
      el("a", { href: "../", text: "Sign in" }),
      " first: this page shows what you may use.",
    );
  } else if (response?.ok) {
    show(await response.json());
  } else {
    state.textContent = "The bridge can’t be reached. Reload the page to try again.";
  }
}

/** @param {Document} description */
function show({ channels, operations }) {
  /** @type {Map<string, Set<string>>} */
  const may = new Map();
  for (const [name, { channel }] of Object.entries(operations)) {
    const id = channel.$ref.slice(CHANNELS.length);
    may.set(id, (may.get(id) ?? new Set()).add(name.slice(0, name.indexOf("_"))));
  }
  const cards = Object.entries(channels).map(([id, channel]) =>
    card(channel, may.get(id) ?? new Set()),
  );
  byId("docs-list").replaceChildren(...cards);
  byId("docs-tools").hidden = false;
  filter();
}

/** @param {Channel} channel @param {Set<string>} may */
function card(channel, may) {
  const { address, title, parameters = {}, messages } = channel;
  const kind = channel["x-kind"];
  const payload = messages.body?.payload;
  return el(
    "article",
    { class: "card docs-card", data: { name: address.toLowerCase() } },
    el("h2", { class: "mono", text: visible(address) }),
    title !== undefined && el("p", { text: visible(title) }),
    el(
      "p",
      { class: "docs-badges" },
      el("span", { class: "docs-badge", text: kind }),
      ...[...may].map((right) => el("span", { class: "docs-badge may", text: `you may ${right}` })),
    ),
    Object.keys(parameters).length > 0 &&
      el(
        "dl",
        { class: "docs-parameters" },
        ...Object.entries(parameters).map(([name, { description }]) =>
          el(
            "div",
            {},
            el("dt", { class: "mono", text: `{${visible(name)}}` }),
            el("dd", { text: visible(description) }),
          ),
        ),
      ),
    payload !== undefined &&
      el(
        "details",
        {},
        el("summary", { text: "JSON Schema of the body" }),
        code(JSON.stringify(payload, undefined, 2), "JSON Schema"),
      ),
    el(
      "details",
      {},
      el("summary", { text: "With the JavaScript client" }),
      code(example(address, kind, may), "Example"),
    ),
  );
}

/** @param {string} text @param {string} name for those who move through it by keyboard */
const code = (text, name) =>
  el("pre", { class: "code docs-code", tabindex: 0, role: "region", "aria-label": name }, text);

/** @param {string} address @param {string} kind @param {Set<string>} may */
function example(address, kind, may) {
  const name = JSON.stringify(address);
  const lines = [];
  if (may.has("send"))
    lines.push(
      kind === "queue"
        ? `const answer = await client.request(${name}, body);`
        : `await client.publish(${name}, body);`,
    );
  if (may.has("subscribe"))
    lines.push(`await client.topicSubscribe(${name}, (message) => show(message.body));`);
  if (may.has("receive"))
    lines.push(`await client.queueSubscribe(${name}, (message) => work(message.body));`);
  return lines.join("\n");
}

function filter() {
  const text = byId("docs-filter").value.trim().toLowerCase();
  const cards = /** @type {HTMLElement[]} */ ([...byId("docs-list").children]);
  for (const each of cards) each.hidden = !each.dataset.name?.includes(text);
  const shown = cards.filter((each) => !each.hidden).length;
  byId("docs-state").textContent =
    cards.length === 0
      ? "There is nothing that you may use."
      : text === ""
        ? plural(shown, "destination")
        : `${shown} of ${plural(cards.length, "destination")}`;
}
