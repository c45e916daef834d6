/**
 * The operator endpoints of the bridge.
 */

/** @typedef {{bridgeId: string, brokerConnected: boolean, brokerAddress?: string, trouble?: string, draining: boolean, sessions: number, connected: number, subscriptions: number, queueConsumers: number, brokerClockOffsetSeconds?: number, brokers?: Broker[]}} Bridge */
/** @typedef {{name: string, connected: boolean, address?: string, trouble?: string, reopenings: number, clockOffsetSeconds: number}} Broker */
/** @typedef {{user: string, clientId: string, state: string, since: string, transport: string, address: string, topics: number, queuedMessages: number, queuedBytes: number, requestsInFlight: number}} Client */
/** @typedef {Client & {bridgeClientId: string | null, subscriptions: number, interests: {name: string, kind: "topic" | "queue", selector: string | null}[]}} ClientDetail */
/** @typedef {{user: string, roles: string[], name: string, entry?: string, position?: number, refused?: string, kind?: string, jms?: string, broker?: string, rights: {right: string, decision: string, why: string}[], allowed: boolean}} NameReport */
/** @typedef {{topic: string, selector: string | null, subscribers: number}} Subscription */

/** @typedef {{user: string, topic: string, name: string, broker: string, inUse: boolean, bridge: string, since: string}} Durable */

/** What the bridge refused; `status` is 0 where it did not answer at all. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The bridge that answered first: a load balancer keeps the page on it. @type {string | null} */
let bridgeId = null;

/** Asks this bridge from now on. @param {string | undefined} id */
export function useBridge(id) {
  bridgeId = id ?? bridgeId;
}

/** @param {string} path @param {{method?: string, headers?: Record<string, string>, body?: string}} [options] */
async function ask(path, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...options.headers };
  if (bridgeId !== null) headers["X-Bridge-Id"] = bridgeId;
  const response = await fetch(new URL(`admin/${path}`, document.baseURI), {
    cache: "no-store",
    ...options,
    headers,
  }).catch(() => {
    throw new Refused(0, "The bridge can’t be reached.");
  });
  bridgeId ??= response.headers.get("X-Bridge-Id");
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? await response.json() : {};
  if (!response.ok) {
    throw new Refused(
      response.status,
      answer.errorMessage ?? `The bridge answered ${response.status}.`,
    );
  }
  return answer;
}

/** @param {string} path @param {Record<string, string>} command */
const change = (path, command) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Longspan-Operator": "1" },
    body: JSON.stringify(command),
  });

/** @returns {Promise<Bridge>} */
export const readBridge = () => ask("bridge");

/** @param {string} text part of a user, a client id or an address; everybody, if empty @param {number} offset @param {number} limit @returns {Promise<{total: number, offset: number, clients: Client[]}>} */
export const readClients = (text, offset, limit) =>
  ask(
    `clients?${new URLSearchParams({ find: text, offset: String(offset), limit: String(limit) })}`,
  );

/** @param {string} id @returns {Promise<ClientDetail>} */
export const readClient = (id) => ask(`client?${new URLSearchParams({ id })}`);

/** @param {string} user @param {string} name @param {string[]} roles those of the realm, if empty @returns {Promise<NameReport>} */
export const readExplanation = (user, name, roles) =>
  ask(
    `explain?${new URLSearchParams([["user", user], ["name", name], ...roles.map((role) => ["role", role])])}`,
  );

/** @param {number} offset @param {number} limit @returns {Promise<{total: number, offset: number, subscriptions: Subscription[]}>} */
export const readSubscriptions = (offset, limit) =>
  ask(`subscriptions?${new URLSearchParams({ offset: String(offset), limit: String(limit) })}`);

/** @param {number} offset @param {number} limit @returns {Promise<{total: number, offset: number, durableSubscriptions: Durable[]}>} */
export const readDurables = (offset, limit) =>
  ask(
    `durable-subscriptions?${new URLSearchParams({ offset: String(offset), limit: String(limit) })}`,
  );

/** @param {{user: string, topic: string, name: string}} durable @returns {Promise<Durable>} */
export const deleteDurable = (durable) => change("delete-durable", durable);

/** @param {string} client */
export const disconnectClient = (client) => change("disconnect", { client });

/** @param {string} user */
export const disconnectUser = (user) => change("disconnect", { user });

/** @param {string} bridge */
export const drain = (bridge) => change("drain", { bridge });
