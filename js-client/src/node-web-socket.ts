import type { WebSocketConstructor } from "./sockets.js";

/**
 * Returns the WebSocket of the optional package `ws`, which can send headers; `undefined` if it is
 * not installed. Builds for browsers replace this file: a bundler of a page must not see `ws`.
 */
export const nodeWebSocket = async (): Promise<WebSocketConstructor | undefined> => {
  try {
    // As a string, it does not load the types of Node.js.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion
    const ws = (await import("ws" as string)) as { WebSocket: WebSocketConstructor };
    return ws.WebSocket;
  } catch {
    return undefined;
  }
};
