import { CometD, type Message } from "cometd";
import { vi } from "vitest";
import type { ClientOptions, TransportName } from "../../src/index.js";

type Network = Required<Pick<ClientOptions, "fetch" | "webSocket">>;

/** The members of an XMLHttpRequest that CometD uses. */
class Request {
  status = 0;
  statusText = "";
  responseText = "";
  onload = (): void => undefined;
  onerror = (): void => undefined;
  onabort = (): void => undefined;
  readonly #headers: Record<string, string> = {};
  readonly #abort = new AbortController();
  #url = "";

  constructor(private readonly network: Network) {}

  open(_: string, url: string): void {
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  send(body: string): void {
    const { signal } = this.#abort;
    this.network
      .fetch(this.#url, { method: "POST", headers: this.#headers, body, signal })
      .then(async (response) => {
        this.status = response.status;
        this.responseText = await response.text();
        this.onload();
      })
      .catch(() => this.onerror());
  }

  abort(): void {
    this.#abort.abort();
  }
}

/** CometD's own client, which talks to the bridge as docs/protocol.md says. */
export class CometDClient {
  readonly cometd: CometD;
  readonly #answers: Record<string, unknown>[] = [];
  #seq = 0;
  #sessions = 0;

  /** @param network what it uses instead of the platform's */
  constructor(url: string, transport: TransportName, network: Network) {
    vi.stubGlobal("window", {
      setTimeout,
      clearTimeout,
      WebSocket: function (to: string) {
        return network.webSocket(to, {});
      },
      XMLHttpRequest: class extends Request {
        static readonly UNSENT = 0;

        constructor() {
          super(network);
        }
      },
    });
    this.cometd = new CometD();
    for (const name of this.cometd.getTransportTypes()) {
      if (name !== transport) this.cometd.unregisterTransport(name);
    }
    this.cometd.configure({ url, logLevel: "warn", backoffIncrement: 50 });
    this.cometd.registerExtension("bridge", {
      outgoing: (message: Message) => {
        if (message.channel === "/meta/connect") message.ext = { bridge: { seq: this.#seq } };
        return message;
      },
    });
    this.cometd.addListener("/meta/handshake", (reply) => {
      if (reply.successful === true) this.#begin(reply);
    });
  }

  get sessions(): number {
    return this.#sessions;
  }

  connect(): Promise<void> {
    return new Promise((connected) => this.cometd.handshake(() => connected()));
  }

  /** @returns the `data` of the answer */
  async request(destination: string, body: string, id: string): Promise<unknown> {
    const properties = { JMSCorrelationID: id, timeToLive: 30_000 };
    this.cometd.publish("/anzo/bridge", { destination, properties, body });
    return vi.waitFor(() => this.#answer(id), { timeout: 45_000, interval: 5 });
  }

  disconnect(): Promise<void> {
    this.cometd.publish("/anzo/control", { type: "disconnect", correlationId: "bye" });
    return new Promise((disconnected) => this.cometd.disconnect(() => disconnected()));
  }

  #begin(reply: Message): void {
    const { bridge } = reply.ext as { bridge: { userChannel: string } };
    this.#sessions++;
    this.#seq = 0;
    this.cometd.batch(() => {
      this.cometd.subscribe(bridge.userChannel, ({ data }) => {
        const answer = data as Record<string, unknown> & { seq: number };
        this.#seq = answer.seq;
        this.#answers.push(answer);
      });
      const data = { type: "connect", correlationId: "c", protocolVersion: "1.1" };
      this.cometd.publish("/anzo/control", data);
    });
  }

  #answer(id: string): unknown {
    const found = this.#answers.find(
      ({ properties }) =>
        (properties as Record<string, unknown> | undefined)?.JMSCorrelationID === id,
    );
    if (found === undefined) throw new Error(`no answer to ${id}`);
    return found;
  }
}
