import { isNode } from "./http.js";
import type { OpenWebSocket, Settings, WebSocketLike } from "./options.js";

interface WebSocketConstructor {
  new (url: string, options?: { headers: Readonly<Record<string, string>> }): WebSocketLike;
}

/** How this platform opens a WebSocket, or `undefined` where it can't. */
export async function findWebSocket(settings: Settings): Promise<OpenWebSocket | undefined> {
  if (settings.webSocket !== undefined) return settings.webSocket;
  const native = (globalThis as unknown as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (!isNode()) return native && ((url) => new native(url));
  // A variable keeps bundlers from following it: `ws` is optional and only for Node.js.
  const name = "ws";
  const found = await import(/* @vite-ignore */ /* webpackIgnore: true */ name).then(
    (ws: { WebSocket: WebSocketConstructor }) => ws.WebSocket,
    () => native,
  );
  return found && ((url, headers) => new found(url, { headers }));
}

/** The open sockets of one connection, so that it can close them all. */
export class Sockets {
  readonly #open = new Set<WebSocketLike>();
  /** The HTTP status of a refused upgrade, where the platform tells (Node.js). */
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
    socket.addEventListener("error", ({ message }) => {
      const status = /response: (\d{3})/.exec(message ?? "")?.[1];
      if (status !== undefined) this.refusal = Number(status);
    });
    return socket;
  }

  close(): void {
    for (const socket of this.#open) socket.close(1000, "Disconnect");
    this.#open.clear();
  }
}
