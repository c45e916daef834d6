import type { Message } from "./bayeux-message.js";
import type { Events } from "./events.js";
import type { ClientEvents, WireEvent } from "./status.js";

/** Returns a function that emits `wire` events, of messages without their tokens. */
export const wireEvents =
  (events: Events<ClientEvents>) =>
  (direction: WireEvent["direction"], message: Message): void => {
    if (events.count("wire") === 0) return;
    const { token, ...ext } = (message.ext ?? {}) as { token?: unknown };
    const shown = token === undefined ? message : { ...message, ext };
    events.emit("wire", { direction, message: shown as WireEvent["message"] });
  };
