/**
 * The connection of this page: the client library on a {@link Wire}, and a record of each request with its latency.
 */
import { LongspanClient } from "../../js/longspan.js";
import { Emitter } from "../events.js";
import { Wire } from "./wire.js";

/**
 * @typedef {{
 *   id: number, destination: string, properties: Record<string, any>, body: string, time: Date, started: number,
 *   correlationId?: string, firstMs?: number, ms?: number, parts: any[], outcome: "open" | "ok" | "error", error?: string
 * }} Exchange one request and what came of it
 */

/** @type {Record<import("../shell/sign-in.js").TransportChoice, ("websocket" | "long-polling")[] | undefined>} */
const TRANSPORTS = {
  auto: undefined,
  websocket: ["websocket"],
  "long-polling": ["long-polling"],
};

/**
 * Emits what the client emits (`status`, `bridgeStatus`, `revoked`, `gap`, `presence`), and `exchange` (an {@link Exchange} that began
 * or changed), `back` (connected again).
 */
export class Bridge extends Emitter {
  wire = new Wire();
  #client;
  #ids = 0;
  /** Exchanges whose correlation id is not known yet, oldest first. @type {Exchange[]} */
  #unnamed = [];

  /** When the parts came that the client has not given out yet, by the correlation id of an open exchange. */
  #arrivals = /** @type {Map<string | undefined, number[]>} */ (new Map());

  /** @param {keyof typeof TRANSPORTS} transport */
  constructor(transport) {
    super();
    const transports = TRANSPORTS[transport];
    this.#client = new LongspanClient({
      url: new URL("cometd", document.baseURI).href,
      ...(transports && { transports }),
      webSocket: /** @type {any} */ (this.wire.openWebSocket),
      fetch: this.wire.fetch,
      // A person is looking: after an interruption he wants to see it come back.
      reconnect: { initial: 200, max: 2000 },
      logger: {
        debug() {},
        info() {},
        warn() {},
        error: (...text) => console.error(...text),
      },
    });
    for (const name of /** @type {const} */ ([
      "status",
      "transport",
      "bridgeStatus",
      "revoked",
      "gap",
      "presence",
    ])) {
      this.#client.on(name, (/** @type {any} */ event) => this.emit(name, event));
    }
    this.#client.on("status", (/** @type {any} */ { status, previous }) => {
      if (status === "connected" && previous === "reconnecting") this.emit("back");
    });
    this.wire.on("packet", ({ out, message }) =>
      out ? this.#name(message) : this.#arrived(message),
    );
  }

  get status() {
    return this.#client.status;
  }

  /** @returns {"websocket" | "long-polling" | undefined} */
  get transport() {
    return this.#client.transport;
  }

  get info() {
    return this.#client.info;
  }

  connect() {
    return this.#client.connect();
  }

  disconnect() {
    return this.#client.disconnect();
  }

  /** @param {string} topic @param {(message: any) => void} listener @param {{presence?: boolean}} [options] */
  subscribe(topic, listener, options) {
    return this.#client.topicSubscribe(topic, listener, options);
  }

  /** @param {string} topic */
  unsubscribe(topic) {
    return this.#client.topicUnsubscribe(topic);
  }

  /** @param {string} destination @param {string} body @param {any} options as the client takes them */
  async request(destination, body, options = {}) {
    const exchange = this.#begin(destination, body, options);
    try {
      const answer = await this.#client.request(destination, body, options);
      this.#part(exchange, answer);
      return answer;
    } catch (error) {
      this.#fail(exchange, error);
      throw error;
    }
  }

  /** @param {string} destination @param {string} body @param {any} options as the client takes them */
  async *stream(destination, body, options = {}) {
    const exchange = this.#begin(destination, body, options);
    try {
      for await (const part of this.#client.requestStream(destination, body, options)) {
        this.#part(exchange, part);
        yield part;
      }
    } catch (error) {
      this.#fail(exchange, error);
      throw error;
    }
  }

  /** @param {string} destination @param {string} body @param {any} options @returns {Exchange} */
  #begin(destination, body, { properties = {} }) {
    /** @type {Exchange} */
    const exchange = {
      id: ++this.#ids,
      destination,
      properties,
      body,
      time: new Date(),
      started: performance.now(),
      parts: [],
      outcome: "open",
    };
    this.#unnamed.push(exchange);
    this.emit("exchange", exchange);
    return exchange;
  }

  /** Requests are written in the order in which they were made. @param {any} message */
  #name({ data }) {
    const id = data?.properties?.JMSCorrelationID;
    if (id === undefined || data.properties.cancel === true) return;
    const at = this.#unnamed.findIndex(({ destination }) => destination === data.destination);
    const [exchange] = at < 0 ? [] : this.#unnamed.splice(at, 1);
    if (exchange === undefined) return;
    exchange.correlationId = id;
    this.#arrivals.set(id, []);
    this.emit("exchange", exchange);
  }

  /** The time on the wire counts, not that of what the page does meanwhile. @param {any} message */
  #arrived({ data }) {
    if (data && "body" in data)
      this.#arrivals.get(data.properties?.JMSCorrelationID)?.push(performance.now());
  }

  /** @param {Exchange} exchange @param {any} message */
  #part(exchange, message) {
    const arrived = this.#arrivals.get(exchange.correlationId)?.shift() ?? performance.now();
    const now = arrived - exchange.started;
    if (message.last) this.#arrivals.delete(exchange.correlationId);
    exchange.firstMs ??= now;
    exchange.ms = now;
    exchange.parts.push(message);
    if (message.properties.status === "error") exchange.outcome = "error";
    else if (message.last) exchange.outcome = "ok";
    this.emit("exchange", exchange);
  }

  /** @param {Exchange} exchange @param {unknown} error */
  #fail(exchange, error) {
    this.#unnamed = this.#unnamed.filter((other) => other !== exchange);
    this.#arrivals.delete(exchange.correlationId);
    exchange.ms = performance.now() - exchange.started;
    exchange.outcome = "error";
    exchange.error = describe(error);
    this.emit("exchange", exchange);
  }
}

/** What went wrong, in a sentence for people. @param {any} error */
export function describe(error) {
  switch (error?.code) {
    case "notSent":
      return `Not sent: ${error.message}.`;
    case "refused":
      return `The bridge refused it (${error.bridgeCode}): ${error.message}`;
    case "timedOut":
      return `${error.message}.`;
    case "connectionLost":
      return `The connection was lost before the answer came: it may or may not have been done.`;
    case "cancelled":
      return "Cancelled.";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
