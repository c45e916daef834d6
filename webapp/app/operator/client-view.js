/**
 * The dialog with one client: what it follows and what waits for it.
 */
import { byId, el, plural } from "../dom.js";
import { quoted, visible } from "../visible.js";
import { readClient, Refused } from "./endpoints.js";
import { age, size } from "./units.js";

/** @param {string} clientId @param {(client: import("./endpoints.js").Client) => void} onDisconnect */
export async function showClient(clientId, onDisconnect) {
  const dialog = byId("client");
  const body = byId("client-body");
  byId("client-title").textContent = `Client ${clientId}`;
  byId("client-end").hidden = true;
  body.replaceChildren(el("p", { class: "hint", text: "Reading…" }));
  if (!dialog.open) dialog.showModal();
  try {
    const client = await readClient(clientId);
    byId("client-title").textContent = quoted(client.user);
    body.replaceChildren(facts(client), interests(client));
    byId("client-end").hidden = false;
    byId("client-end").onclick = () => {
      dialog.close();
      onDisconnect(client);
    };
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    body.replaceChildren(el("p", { class: "error", role: "alert", text: problem.message }));
  }
}

/** @param {import("./endpoints.js").ClientDetail} client */
function facts(client) {
  const rows = [
    ["Client", client.clientId],
    ["As services know it", client.bridgeClientId ?? "–"],
    ["State", `${client.state}, for ${age(client.since, Date.now())}`],
    ["Connection", `${client.transport} from ${client.address}`],
    [
      "Waiting",
      client.queuedMessages === 0
        ? "nothing"
        : `${plural(client.queuedMessages, "message")}, ${size(client.queuedBytes)}`,
    ],
    ["Requests in flight", client.requestsInFlight.toLocaleString("en")],
  ];
  return el(
    "dl",
    { class: "op-facts" },
    ...rows.map(([name, value]) =>
      el("div", {}, el("dt", { text: name }), el("dd", { text: visible(value) })),
    ),
  );
}

/** @param {import("./endpoints.js").ClientDetail} client */
function interests({ subscriptions, interests: list }) {
  const more = subscriptions - list.length;
  return el(
    "section",
    {},
    el("h3", { id: "client-interests", text: plural(subscriptions, "subscription") }),
    el(
      "ul",
      { class: "op-interests", tabindex: 0, "aria-labelledby": "client-interests" },
      ...list.map(({ name, kind, selector }) =>
        el(
          "li",
          {},
          el("span", { class: "mono", text: visible(name) }),
          kind === "queue" && el("span", { class: "op-badge", text: "queue" }),
          selector !== null &&
            el("span", { class: "facts mono", text: `where ${visible(selector)}` }),
        ),
      ),
      more > 0 && el("li", { class: "facts", text: `and ${more.toLocaleString("en")} more` }),
    ),
  );
}
