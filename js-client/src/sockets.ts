import { BRIDGE_ID } from "./http.js";
import { nodeWebSocket } from "./node-web-socket.js";
import { isNode } from "./platform.js";
import type { OpenWebSocket, Settings, WebSocketLike } from "./options.js";
import type { Timers } from "./timers.js";

/** The further members of a WebSocket that this client uses. */
export interface TalkingSocket extends WebSocketLike {
  onopen: () => void;
  onmessage: (event: { readonly data: unknown }) => void;
  onclose: (event?: { readonly reason?: string }) => void;
  onerror: () => void;
  send(text: string): void;
}

interface RefusableSocket extends WebSocketLike {
  on?(
    event: "unexpected-response",
    listener: (request: unknown, response: IncomingMessage) => void,
  ): void;
}

/** As in Node.js, whose types this package does not depend on. */
interface IncomingMessage {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The constructor of a WebSocket; only the one of the package `ws` takes options. */
export interface WebSocketConstructor {
  new (url: string, options?: { headers: Readonly<Record<string, string>> }): WebSocketLike;
}

/** Returns how this platform opens a WebSocket; `undefined` if it cannot. */
export async function findWebSocket(settings: Settings): Promise<OpenWebSocket | undefined> {
  if (settings.webSocket) return settings.webSocket;
  const native = (globalThis as unknown as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (!isNode()) return native && ((url) => new native(url));
  const found = (await nodeWebSocket()) ?? native;
  return found && ((url, headers) => new found(url, { headers }));
}

/** The open sockets of one connection, which can be closed together. */
export class Sockets {
  readonly #open = new Set<WebSocketLike>();
  /** HTTP status of an upgrade that the bridge rejected, if the platform reports it (Node.js). */
  refusal: number | undefined;

  constructor(
    private readonly opener: OpenWebSocket,
    private readonly headers: () => Record<string, string>,
    private readonly opening: () => void,
  ) {}

  open(url: string): WebSocketLike {
    this.refusal = undefined;
    const socket = this.opener(url, isNode() ? this.headers() : {});
    this.#open.add(socket);
    this.opening();
    socket.addEventListener("close", () => this.#open.delete(socket));
    // An event of the package ws. Its listener must close the socket. A proxy's rejection is a
    // network failure.
    if (isNode()) {
      (socket as RefusableSocket).on?.("unexpected-response", (_, { statusCode, headers }) => {
        if (headers[BRIDGE_ID.toLowerCase()] !== undefined) this.refusal = statusCode;
        socket.close();
      });
    }
    return socket;
  }

  /**
   * Checks whether a WebSocket opens and carries a message and its answer within `longest`
   * milliseconds.
   */
  look(url: string, message: object, timers: Timers, longest: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = this.opener(url, isNode() ? this.headers() : {}) as TalkingSocket;
      this.#open.add(socket);
      const end = (works: boolean) => {
        timers.clear(timer);
        this.#open.delete(socket);
        socket.close();
        resolve(works);
      };
      const timer = timers.set(() => end(false), longest);
      socket.onopen = () => socket.send(JSON.stringify([message]));
      socket.onmessage = () => end(true);
      socket.onclose = socket.onerror = () => end(false);
    });
  }

  close(): void {
    for (const socket of this.#open) socket.close(1000, "Disconnect");
    this.#open.clear();
  }
}
