/**
 * The operator page: what one bridge does now, and the few things that can be done to it. The figures come by a topic;
 * the lists are read again every few seconds.
 */
import { byId, plural } from "../dom.js";
import { signOut } from "../shell/login.js";
import { toggleTheme } from "../theme.js";
import { quoted } from "../visible.js";
import { Actions, say } from "./actions.js";
import { showBridge, showCounts } from "./bridge-view.js";
import { showClient } from "./client-view.js";
import { Draining } from "./draining.js";
import { showDurables, whenNamed } from "./durables.js";
import {
  readBridge,
  readClients,
  readDurables,
  readSubscriptions,
  Refused,
  useBridge,
} from "./endpoints.js";
import "./explain-form.js";
import { askToSignIn, openBoard, refuse, whenSignedIn } from "./gate.js";
import { showClients, showSubscriptions } from "./lists.js";
import { LiveFigures } from "./live.js";
import { showNow } from "./now.js";
import { PAGE, showEmpty, showPager } from "./table.js";

const PERIOD = 3000;

/** What is looked at. */
const view = { text: "", user: "", clients: 0, subscriptions: 0, durables: 0, bridgeId: "" };
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Counts readings, so that a late answer of an older one is not shown. */
let reading = 0;
const live = new LiveFigures();
const draining = new Draining();
const actions = new Actions(refresh);

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
whenSignedIn(refresh);
byId("user-form").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  showUser(byId("user-filter").value);
});
byId("user-filter").addEventListener("search", () => {
  if (byId("user-filter").value === "" && view.text !== "") showUser("");
});
byId("user-end").addEventListener("click", () => actions.disconnectAll(view.user));
byId("drain").addEventListener("click", () => actions.drain(view.bridgeId));
whenNamed((durable) => actions.deleteDurable(durable));
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
    say(undefined);
    openBoard();
    view.bridgeId = bridge.bridgeId;
    showBridge(bridge);
    draining.show(bridge);
    live.start();
    showClientList(clients);
    showSubscriptionList(subscriptions);
    showDurableList(durables);
    byId("updated").textContent = `Lists read at ${new Date().toLocaleTimeString()}`;
  } catch (problem) {
    if (mine !== reading) return;
    if (!(problem instanceof Refused)) throw problem;
    if (problem.status === 401 || problem.status === 403) {
      live.stop();
      return problem.status === 401 ? askToSignIn() : refuse();
    }
    if (draining.isUnderWay && problem.status === 0) draining.stopped();
    else say(problem.message);
  }
  const period = draining.isUnderWay ? PERIOD / 3 : PERIOD;
  timer = setTimeout(() => (document.hidden ? undefined : refresh()), period);
}

/** @param {{total: number, offset: number, clients: import("./endpoints.js").Client[]}} page */
function showClientList({ total, offset, clients }) {
  const users = new Set(clients.map(({ user }) => user));
  view.user = users.size === 1 && users.has(view.text) ? view.text : "";
  showClients(clients, openClient, disconnect);
  byId("clients-facts").textContent = plural(total, "session");
  showEmpty(
    "clients",
    total,
    view.text === "" ? "Nobody is here." : `No client here matches ${quoted(view.text)}.`,
  );
  byId("user-end").hidden = view.user === "" || total === 0;
  showPages("clients", offset, total);
}

/** @param {{total: number, offset: number, subscriptions: import("./endpoints.js").Subscription[]}} page */
function showSubscriptionList({ total, offset, subscriptions }) {
  showSubscriptions(subscriptions);
  byId("subscriptions-facts").textContent = plural(total, "subscription");
  showEmpty("subscriptions", total, "No topic is subscribed.");
  showPages("subscriptions", offset, total);
}

/** @param {{total: number, offset: number, durableSubscriptions: import("./endpoints.js").Durable[]}} page */
function showDurableList({ total, offset, durableSubscriptions }) {
  showDurables(durableSubscriptions, (durable) => actions.deleteDurable(durable));
  byId("durables-facts").textContent = `${total.toLocaleString("en")} known to this bridge`;
  showEmpty("durables", total, "No durable subscription was used since the start.");
  showPages("durables", offset, total);
}

/** @param {"clients" | "subscriptions" | "durables"} list @param {number} offset @param {number} total */
function showPages(list, offset, total) {
  showPager(list, offset, total, (to) => {
    view[list] = to;
    void refresh();
  });
}

/** @param {string} clientId */
function openClient(clientId) {
  void showClient(clientId, disconnect);
}

/** @param {import("./endpoints.js").Client} client */
function disconnect(client) {
  actions.disconnect(client);
}
