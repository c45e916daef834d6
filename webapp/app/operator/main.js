/**
 * The operator page: what one bridge does now, and the few things that can be done to it. The figures come by a topic;
 * the lists are read again every few seconds.
 */
import { byId, plural } from "../dom.js";
import { signedInUser, signIn, signOut } from "../shell/login.js";
import { toggleTheme } from "../theme.js";
import { quoted, visible } from "../visible.js";
import { showClient } from "./client-view.js";
import { Draining } from "./draining.js";
import { showDeleted, showDurables, whenNamed } from "./durables.js";
import {
  deleteDurable,
  disconnectClient,
  disconnectUser,
  drain,
  readBridge,
  readClients,
  readDurables,
  readSubscriptions,
  Refused,
  useBridge,
} from "./endpoints.js";
import "./explain-form.js";
import { LiveFigures } from "./live.js";
import { PAGE, showClients, showPager, showSubscriptions } from "./lists.js";
import { showNow } from "./now.js";
import { isConfirmed } from "./question.js";

const PERIOD = 3000;

/** What is looked at. */
const view = { text: "", user: "", clients: 0, subscriptions: 0, durables: 0, bridgeId: "" };
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Counts readings, so that a late answer of an older one is not shown. */
let reading = 0;
const live = new LiveFigures();
const draining = new Draining();

live.on("state", (problem) => {
  byId("live-state").textContent = problem ?? "";
});
live.on("bridge", (bridgeId) => {
  // A bridge that drains has sent this page's own client away, but the page watches how it ends.
  if (!draining.isUnderWay) useBridge(bridgeId);
});
live.on("figures", (figures) => {
  if (view.bridgeId !== "" && figures.bridgeId !== view.bridgeId) {
    byId("live-state").textContent =
      `The live figures are those of ${figures.bridgeId}. Reload the page to see all of that bridge.`;
    return;
  }
  showNow(figures, openClient);
  showCounts(figures);
});

byId("theme").addEventListener("click", toggleTheme);
byId("sign-out").addEventListener("click", async () => {
  live.stop();
  await signOut();
  location.reload();
});
byId("other-user").addEventListener("click", async () => {
  await signOut();
  askToSignIn();
});
byId("sign-in-form").addEventListener("submit", onSignIn);
byId("user-form").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  showUser(byId("user-filter").value);
});
byId("user-filter").addEventListener("search", () => {
  if (byId("user-filter").value === "" && view.text !== "") showUser("");
});
byId("user-end").addEventListener("click", () => {
  const { user } = view;
  void confirmed(
    `Disconnect every client of ${quoted(user)}?`,
    "Their sessions end with the reason “operator”. A client that is still running shakes hands again, unless its credentials are no longer good.",
    "Disconnect all",
    () => disconnectUser(user),
  );
});
byId("drain").addEventListener("click", () => {
  const { bridgeId } = view;
  void confirmed(
    `Drain ${bridgeId}?`,
    "The bridge tells its clients to move, refuses new ones and is no longer ready, so that a load balancer sends them elsewhere. Clients that stay are served until the process ends. Only a restart takes it back.",
    "Drain",
    () => drain(bridgeId),
  );
});
whenNamed(askToDelete);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !byId("board").hidden) void refresh();
});
void refresh();

/** @param {string} text */
function showUser(text) {
  view.text = text.trim();
  view.clients = 0;
  void refresh();
}

/** Reads everything once and plans the next time. */
async function refresh() {
  clearTimeout(timer);
  const mine = ++reading;
  try {
    const [bridge, clients, subscriptions, durables] = await Promise.all([
      readBridge(),
      readClients(view.text, view.clients, PAGE),
      readSubscriptions(view.subscriptions, PAGE),
      readDurables(view.durables, PAGE),
    ]);
    if (mine !== reading) return;
    show(bridge, clients, subscriptions);
    showDurableList(durables);
  } catch (problem) {
    if (mine !== reading) return;
    if (!(problem instanceof Refused)) throw problem;
    if (problem.status === 401) return askToSignIn();
    if (problem.status === 403) return void refuse();
    if (draining.isUnderWay && problem.status === 0) draining.stopped();
    else say(problem.message);
  }
  const period = draining.isUnderWay ? PERIOD / 3 : PERIOD;
  timer = setTimeout(() => (document.hidden ? undefined : refresh()), period);
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
      const item = document.createElement("li");
      item.className = "op-state";
      item.dataset.state = trouble === undefined ? "ready" : "suspended";
      const dot = document.createElement("span");
      dot.className = "op-dot";
      dot.ariaHidden = "true";
      const place = connected ? (address ?? "connected") : "not connected";
      const text = document.createElement("span");
      text.textContent = `Broker ${name}: ${trouble ?? place}`;
      item.append(dot, text);
      return item;
    }),
  );
}

/**
 * @param {import("./endpoints.js").Bridge} bridge
 * @param {{total: number, offset: number, clients: import("./endpoints.js").Client[]}} clients
 * @param {{total: number, offset: number, subscriptions: import("./endpoints.js").Subscription[]}} subscriptions
 */
function show(bridge, clients, subscriptions) {
  view.bridgeId = bridge.bridgeId;
  say(undefined);
  open("board");
  byId("sign-out").hidden = false;
  byId("bridge-id").textContent = bridge.bridgeId;
  const state = bridge.draining ? "draining" : bridge.trouble === undefined ? "ready" : "suspended";
  byId("bridge-state").dataset.state = state;
  byId("bridge-text").textContent = {
    ready: "Serving clients",
    draining: "Draining: no new clients",
    suspended: `Serves nobody: ${bridge.trouble}`,
  }[state];
  showBrokers(bridge);
  const offset = bridge.brokerClockOffsetSeconds ?? 0;
  byId("bridge-warning").hidden = offset === 0;
  byId("bridge-warning").textContent =
    `The broker’s clock is ${Math.abs(offset).toLocaleString("en")} s ${offset > 0 ? "ahead of" : "behind"} this bridge’s: ` +
    "messages with a time to live expire at the wrong time.";
  byId("drain").disabled = bridge.draining;
  draining.show(bridge);
  showCounts(bridge);
  live.start();

  const users = new Set(clients.clients.map(({ user }) => user));
  view.user = users.size === 1 && users.has(view.text) ? view.text : "";
  showClients(clients.clients, openClient, disconnect);
  byId("clients-facts").textContent = plural(clients.total, "session");
  empty(
    "clients",
    clients.total,
    view.text === "" ? "Nobody is here." : `No client here matches ${quoted(view.text)}.`,
  );
  byId("user-end").hidden = view.user === "" || clients.total === 0;
  showPager("clients-pager", clients.offset, clients.total, (offset) => {
    view.clients = offset;
    void refresh();
  });

  showSubscriptions(subscriptions.subscriptions);
  byId("subscriptions-facts").textContent = plural(subscriptions.total, "subscription");
  empty("subscriptions", subscriptions.total, "No topic is subscribed.");
  showPager("subscriptions-pager", subscriptions.offset, subscriptions.total, (offset) => {
    view.subscriptions = offset;
    void refresh();
  });
  byId("updated").textContent = `Lists read at ${new Date().toLocaleTimeString()}`;
}

/** @param {{total: number, offset: number, durableSubscriptions: import("./endpoints.js").Durable[]}} durables */
function showDurableList({ total, offset, durableSubscriptions }) {
  showDurables(durableSubscriptions, askToDelete);
  byId("durables-facts").textContent = `${total.toLocaleString("en")} known to this bridge`;
  empty("durables", total, "No durable subscription was used since the start.");
  showPager("durables-pager", offset, total, (to) => {
    view.durables = to;
    void refresh();
  });
}

/** @param {import("./durables.js").Named} durable */
function askToDelete(durable) {
  const { user, topic, name } = durable;
  void confirmed(
    `Delete ${visible(name)} of ${quoted(user)}?`,
    `The durable subscription to ${visible(topic)} is deleted with all messages that the broker keeps for it. A session that uses it is told that it was taken over.`,
    "Delete",
    () => deleteDurable({ user, topic, name }).then(showDeleted),
  );
}

/** @param {{connected: number, sessions: number, subscriptions: number, queueConsumers: number}} counts */
function showCounts(counts) {
  for (const name of /** @type {const} */ ([
    "connected",
    "sessions",
    "subscriptions",
    "queueConsumers",
  ])) {
    byId(`count-${name}`).textContent = counts[name].toLocaleString("en");
  }
}

/** @param {string} clientId */
function openClient(clientId) {
  void showClient(clientId, disconnect);
}

/** @param {import("./endpoints.js").Client} client */
function disconnect(client) {
  void confirmed(
    `Disconnect ${quoted(client.user)}?`,
    `The client ${client.clientId} is ended with the reason “operator”. If it is still running it shakes hands again.`,
    "Disconnect",
    () => disconnectClient(client.clientId),
  );
}

/** @param {"clients" | "subscriptions" | "durables"} list @param {number} total @param {string} text */
function empty(list, total, text) {
  byId(`${list}-empty`).hidden = total > 0;
  byId(`${list}-empty`).textContent = text;
}

/** Asks, does it, and reads again. @param {string} title @param {string} text @param {string} action @param {() => Promise<unknown>} run */
async function confirmed(title, text, action, run) {
  if (!(await isConfirmed(title, text, action))) return;
  try {
    await run();
    await refresh();
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    await refresh();
    say(problem.message);
  }
}

/** @param {string | undefined} problem */
function say(problem) {
  const banner = byId("banner");
  banner.hidden = problem === undefined;
  banner.textContent = visible(problem ?? "");
}

/** @param {"gate" | "board"} part */
function open(part) {
  byId("gate").hidden = part !== "gate";
  byId("board").hidden = part !== "board";
  document.body.dataset.view = part;
}

function askToSignIn() {
  live.stop();
  open("gate");
  byId("updated").textContent = "";
  byId("sign-out").hidden = true;
  byId("refused").hidden = true;
  byId("sign-in-form").hidden = false;
  byId("user").focus();
}

async function refuse() {
  live.stop();
  const user = await signedInUser().catch(() => undefined);
  open("gate");
  byId("updated").textContent = "";
  byId("sign-out").hidden = true;
  byId("sign-in-form").hidden = true;
  byId("refused").hidden = false;
  byId("refused-text").textContent =
    `${user === undefined ? "You are" : `${quoted(user)} is`} signed in, but without the role sysadmin.`;
}

/** @param {Event} event */
async function onSignIn(event) {
  event.preventDefault();
  const form = byId("sign-in-form");
  const error = byId("sign-in-error");
  error.hidden = true;
  byId("sign-in-button").disabled = true;
  try {
    await signIn(form.elements.user.value.trim(), form.elements.password.value);
    form.elements.password.value = "";
    await refresh();
    byId(byId("board").hidden ? "refused-title" : "bridge-title").focus();
  } catch (problem) {
    error.hidden = false;
    error.textContent = /** @type {Error} */ (problem).message;
    form.elements.password.select();
  } finally {
    byId("sign-in-button").disabled = false;
  }
}
