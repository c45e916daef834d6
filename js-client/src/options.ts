import type { Message } from "./bayeux-message.js";
import type { FurtherCodec } from "./codec.js";
import { isNode } from "./platform.js";
import type { Logger } from "./logger.js";
import { quietLogger } from "./logger.js";
import type { WireEvent } from "./status.js";
import { systemClock, type Clock } from "./timers.js";

export type TransportName = "websocket" | "long-polling";

/** The part of a WebSocket that this client uses. */
export interface WebSocketLike {
  close(code?: number, reason?: string): void;
  addEventListener(type: "close" | "error", listener: (event: { message?: string }) => void): void;
}

/** Opens a WebSocket. `headers` is empty in a browser, which cannot send any. */
export type OpenWebSocket = (
  url: string,
  headers: Readonly<Record<string, string>>,
) => WebSocketLike;

/** A token, or a function that returns one; it is called again before the last token expires. */
export type TokenSource = string | (() => string | Promise<string>);

/**
 * Options of a client. `user` and `token` exclude each other. All times are in milliseconds, from 1
 * to 2³¹ − 1 unless stated otherwise.
 */
export interface ClientOptions {
  /** URL of the Bayeux endpoint. Default: `/cometd` of the page's origin; required in Node.js. */
  url?: string;
  /**
   * User name for HTTP Basic. Without it the page's session cookie identifies the user. In a
   * browser it requires long polling, because a WebSocket would send the cookie, possibly of
   * another user.
   */
  user?: string;
  /** Password for HTTP Basic. Default: empty. */
  password?: string;
  /**
   * A bearer token, or a function that returns one; it is called again before the token expires.
   * Long polling sends the token as a header. WebSocket sends it with the handshake and each
   * `/meta/connect`.
   */
  token?: TokenSource;
  /** Transports in the order of preference. Default: `["websocket", "long-polling"]`. */
  transports?: readonly TransportName[];
  /**
   * Root of the channels; only used if the bridge does not send the user channel. Default: `/anzo`.
   */
  channelRoot?: string;
  /** Sent with every HTTP request, and with the WebSocket upgrade in Node.js. */
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds that `request()` waits for its answer. Default: 30000. */
  requestTimeout?: number;
  /** Milliseconds that `connect()` retries before it rejects; 0: forever. Default: 30000. */
  connectTimeout?: number;
  /**
   * Milliseconds to wait for the answer to a control message, for example a subscription. Default:
   * 15000.
   */
  controlTimeout?: number;
  /**
   * Milliseconds after which a WebSocket that does not open, or does not answer, counts as blocked.
   * Default: 3000.
   */
  webSocketTimeout?: number;
  /**
   * Milliseconds without a Bayeux reply after which the connection counts as broken. If the bridge
   * sends `limits.sendTimeout`, at least two seconds more than that apply. Default: 10000.
   */
  networkTimeout?: number;
  /** Milliseconds that `disconnect()` waits for the bridge. Default: 2000. */
  closeTimeout?: number;
  /**
   * Milliseconds between attempts to reconnect: doubled from `initial` to `max`, with jitter; `max`
   * must not be less than `initial`. Default: 250, 30000.
   */
  reconnect?: { initial?: number; max?: number };
  /**
   * Whether the session survives a reload of the page. It is stored in the tab's `sessionStorage`
   * under this key (`true`: `longspan`), and the next page resumes it. Only in a page. If the
   * browser blocks the storage, a warning is logged and nothing is stored. Default: false.
   */
  keepSession?: boolean | string;
  /** Receives log messages. Default: warnings and errors to the console. */
  logger?: Logger;
  /** Replaces the platform's WebSocket (in Node.js: of the package `ws`). */
  webSocket?: OpenWebSocket;
  /** Replaces the platform's `fetch`. */
  fetch?: typeof fetch;
  /** For tests. */
  clock?: Clock;
  /** For tests; returns numbers like `Math.random`. */
  random?: () => number;
}

/** Options of a client of `longspan/core`. */
export type CoreOptions = Omit<ClientOptions, "token" | "keepSession">;

/** The options with all defaults. */
export interface Settings {
  readonly url: string;
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  readonly token?: TokenSource | undefined;
  readonly transports: readonly TransportName[];
  readonly channelRoot: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestTimeout: number;
  readonly connectTimeout: number;
  readonly controlTimeout: number;
  readonly webSocketTimeout: number;
  readonly networkTimeout: number;
  readonly closeTimeout: number;
  readonly reconnect: { readonly initial: number; readonly max: number };
  /** The key in `sessionStorage`. */
  readonly keepSession?: string | undefined;
  readonly logger: Logger;
  readonly webSocket: OpenWebSocket | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  /** Decodes what only `LongspanClient` is told. */
  readonly further?: FurtherCodec;
  /** Called with each Bayeux message that is sent or received. */
  readonly wire?: (direction: WireEvent["direction"], message: Message) => void;
}

/** Default values of options, in milliseconds. */
const TIMES = {
  requestTimeout: 30_000,
  connectTimeout: 30_000,
  controlTimeout: 15_000,
  webSocketTimeout: 3_000,
  networkTimeout: 10_000,
  closeTimeout: 2_000,
};

/** @throws TypeError or RangeError with the option, its value and what is allowed */
export function resolveOptions(options: CoreOptions): Settings {
  const { user, password = "", channelRoot = "/anzo", headers = {}, reconnect } = options;
  const times = { ...TIMES };
  for (const name of Object.keys(TIMES) as (keyof typeof TIMES)[]) {
    const least = name === "connectTimeout" ? 0 : 1;
    times[name] = milliseconds(name, options[name] ?? TIMES[name], least);
  }
  const initial = milliseconds("reconnect.initial", reconnect?.initial ?? 250, 1);
  const max = milliseconds("reconnect.max", reconnect?.max ?? 30_000, initial);
  return {
    ...times,
    url: resolveUrl(options.url),
    credentials: user === undefined ? undefined : { user, password },
    transports: resolveTransports(options),
    channelRoot,
    headers,
    reconnect: { initial, max },
    logger: options.logger ?? quietLogger,
    webSocket: options.webSocket,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function resolveTransports({ transports, user }: CoreOptions): readonly TransportName[] {
  const names = transports ?? ["websocket", "long-polling"];
  if (names.length === 0 || !names.every(isTransport)) {
    throw new TypeError(`transports: ${JSON.stringify(names)}; allowed: websocket, long-polling`);
  }
  if (user === undefined || isNode()) return [...new Set(names)];
  if (names.includes("long-polling")) return ["long-polling"];
  throw new TypeError("user: in a browser only with long-polling; or sign in");
}

const isTransport = (name: string): boolean => name === "websocket" || name === "long-polling";

/** The maximum delay of `setTimeout`, in milliseconds. */
const MAX_MILLIS = 2 ** 31 - 1;

export function milliseconds(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least && value <= MAX_MILLIS) return value;
  throw new RangeError(`${name}: ${value}; allowed: ${least} to ${MAX_MILLIS} ms`);
}

function resolveUrl(url: string | undefined): string {
  const base = (globalThis as { location?: { href?: string } }).location?.href;
  // On a server that renders a page, the client is created and never connected.
  if (url === undefined && base === undefined) return "";
  const resolved = new URL(url ?? "/cometd", base);
  if (!/^https?:$/.test(resolved.protocol) || resolved.search !== "" || resolved.hash !== "") {
    throw new TypeError(`url: ${resolved.href}; allowed: http or https, without query`);
  }
  return resolved.href;
}
