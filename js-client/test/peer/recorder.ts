import { WebSocket } from "ws";
import type { ClientOptions, WebSocketLike } from "../../src/index.js";
import type { BayeuxMessage } from "./bayeux-peer.js";

interface Said extends BayeuxMessage {
  readonly minimumVersion?: string;
  readonly connectionType?: string;
}

/** Records what a client and a bridge say to each other, in the forms of messages. */
export class Recorder {
  /** Path or "frame", direction, and message without what differs from session to session. */
  readonly forms = new Set<string>();
  readonly #sockets = new Set<WebSocket>();
  #pulled = new AbortController();

  constructor(private readonly headers: Readonly<Record<string, string>> = {}) {}

  readonly options: Required<Pick<ClientOptions, "fetch" | "webSocket">> = {
    webSocket: (url, headers) => {
      const socket = new WebSocket(url, { headers: { ...this.headers, ...headers } });
      this.#sockets.add(socket);
      const send = socket.send.bind(socket) as (text: string) => void;
      socket.send = (text: string) => {
        this.#record("frame", "sent", text);
        send(text);
      };
      socket.on("message", (text: Buffer) => this.#record("frame", "received", text.toString()));
      return socket as unknown as WebSocketLike;
    },
    fetch: async (input, init = {}) => {
      const path = new URL(input as string).pathname;
      this.#record(path, "sent", init.body as string);
      const headers = { ...this.headers, ...(init.headers as Record<string, string>) };
      const signals = [this.#pulled.signal, ...(init.signal ? [init.signal] : [])];
      const response = await fetch(input, { ...init, headers, signal: AbortSignal.any(signals) });
      if (response.ok) this.#record(path, "received", await response.clone().text());
      return response;
    },
  };

  /** Breaks what is open. */
  cut(): void {
    this.#pulled.abort();
    this.#pulled = new AbortController();
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.clear();
  }

  #record(path: string, direction: string, text: string): void {
    for (const message of JSON.parse(text) as Said[]) {
      // One of no session looks whether the bridge is there.
      if (message.clientId === "none") continue;
      // At the end, the answers to a goodbye and to the last connect may be too late.
      if (message.data?.status === "disconnected" || message.advice?.reconnect === "none") continue;
      this.forms.add(`${path} ${direction} ${formOf(message)}`);
    }
  }
}

/** The message with all its fields, but of what differs each time only that it is there. */
function formOf({ channel, ...message }: Said): string {
  const to = /\/user\//.test(channel) ? "<user channel>" : channel;
  const form = Object.entries(message).map(([name, value]) => {
    switch (name) {
      case "id":
      case "clientId":
      case "subscription":
        return [name, "…"];
      case "data":
        return [name, Object.keys(value as object).sort()];
      case "ext":
        return [name, channel === "/meta/handshake" ? Object.keys(value as object) : value];
      default:
        return [name, value];
    }
  });
  return `${to} ${JSON.stringify(Object.fromEntries(form.sort()))}`.replace(/"seq":\d+/, '"seq":…');
}
