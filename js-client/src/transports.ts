import type { Advice, Message, TransportFailure } from "./bayeux-message.js";
import { decodeBayeuxError } from "./codec.js";
import type { Exchanges } from "./exchanges.js";
import type { HttpExchange } from "./http.js";
import { isObject } from "./json.js";
import { isNode } from "./platform.js";
import type { Settings, TransportName } from "./options.js";
import type { Sockets, TalkingSocket } from "./sockets.js";
import type { Timers } from "./timers.js";

/** What a transport asks of its connection. */
export interface Conditions {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly exchanges: Exchanges;
  readonly handshaking: boolean;
  /** Deadline for a reply, in milliseconds. */
  readonly replyTime: number;
  webSocketUrl(url: string): string;
  /** Called when messages are being written to the network. */
  written(messages: readonly Message[]): void;
}

/** Receives what arrives over a transport. */
export interface TransportListener {
  readonly advice: Advice;
  received(messages: readonly Message[]): void;
  /** The messages will get no reply. They may have been received. */
  failed(messages: readonly Message[], failure: TransportFailure): void;
}

/** Carries messages to the bridge and back. Each message is answered or fails. */
export interface Transport {
  readonly name: TransportName;
  /** @param type of a meta message, or empty */
  send(messages: readonly Message[], type: string): void;
  /** Fails everything in flight. */
  abort(): void;
  /** Discards everything in flight. `all`: also an open connection. */
  reset(all: boolean): void;
}

/** Whether the messages request an immediate answer, which the bridge does not hold. */
const isProbe = (messages: readonly Message[]): boolean => messages[0]?.advice?.timeout === 0;

/** Returns the milliseconds for which the bridge may hold the messages. */
const holdTime = (messages: readonly Message[], { timeout }: Advice): number =>
  messages[0]?.channel === "/meta/connect" && !isProbe(messages) ? timeout : 0;

/** @throws Error if the text is no Bayeux */
function parse(text: unknown): readonly Message[] {
  const messages = ([] as unknown[]).concat(JSON.parse(String(text)));
  if (!messages.every(isMessage)) throw new Error("Not Bayeux");
  return messages;
}

const isMessage = (value: unknown): value is Message =>
  isObject(value) && typeof value.channel === "string";

/** Whether it is no message that was published. */
const isReply = ({ channel, data }: Message): boolean =>
  data === undefined || channel.startsWith("/meta/");

/**
 * Marks replies to published messages as failures if they say that the session is unknown, and the
 * request was repeated. The session may have ended after an earlier attempt was processed.
 */
const markLost = (messages: readonly Message[], repeated = false): readonly Message[] =>
  messages.map((message) =>
    repeated &&
    !message.channel.startsWith("/meta/") &&
    decodeBayeuxError(message.error).code === "402"
      ? { ...message, failure: { reason: "The session was lost" } }
      : message,
  );

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One socket, from its opening to its end. */
interface Line {
  socket?: TalkingSocket;
  open: boolean;
  /** Messages that wait until the socket is open. */
  readonly waiting: (readonly Message[])[];
  /** Written messages without a reply, and the timers of their deadlines. */
  readonly pending: Map<string, readonly [Message, number]>;
  /** Timer of the opening. */
  timer: number;
}

/** Opens a socket when there is something to send. */
export class WebSocketTransport implements Transport {
  readonly name = "websocket";
  #line: Line | undefined;

  constructor(
    private readonly conditions: Conditions,
    private readonly listener: TransportListener,
    private readonly sockets: Sockets,
  ) {}

  send(messages: readonly Message[]): void {
    const line = (this.#line ??= this.#dial());
    if (line.open) this.#write(line, messages);
    else line.waiting.push(messages);
  }

  abort(): void {
    if (this.#line) this.#end(this.#line, "Abort");
  }

  reset(all: boolean): void {
    const line = this.#line;
    if (line && all) this.#hangUp(line);
  }

  #dial(): Line {
    const { settings, timers } = this.conditions;
    const late = () => this.#end(line, "Connect Timeout");
    const timer = timers.set(late, settings.webSocketTimeout);
    const line: Line = { open: false, waiting: [], pending: new Map(), timer };
    try {
      const url = this.conditions.webSocketUrl(settings.url).replace(/^http/, "ws");
      const socket = (line.socket = this.sockets.open(url) as TalkingSocket);
      socket.onopen = () => {
        if (this.#line !== line) return;
        timers.clear(timer);
        line.open = true;
        for (const messages of line.waiting.splice(0)) this.#write(line, messages);
      };
      socket.onmessage = ({ data }) => this.#read(line, data);
      socket.onclose = (event) => this.#end(line, event?.reason ?? "");
      // Platforms should report a close as well.
      socket.onerror = () => this.#end(line, "Error");
    } catch (error) {
      timers.set(() => this.#end(line, textOf(error)), 0);
    }
    return line;
  }

  #write(line: Line, messages: readonly Message[]): void {
    const { timers, settings, handshaking, replyTime } = this.conditions;
    // A proxy that accepts the upgrade but passes no messages counts as blocking, too.
    const short = handshaking || isProbe(messages);
    const deadline =
      (short ? settings.webSocketTimeout : replyTime) + holdTime(messages, this.listener.advice);
    const late = () => this.#end(line, "Message Timeout");
    for (const message of messages) {
      line.pending.set(message.id ?? "", [message, timers.set(late, deadline)]);
    }
    try {
      const json = JSON.stringify(messages);
      this.conditions.written(messages);
      line.socket?.send(json);
    } catch (error) {
      timers.set(() => this.#end(line, textOf(error)), 0);
    }
  }

  #read(line: Line, data: unknown): void {
    // What a socket that was given up delivers late is delivered again in the session.
    if (this.#line !== line) return;
    let messages;
    try {
      messages = parse(data);
    } catch (error) {
      this.#end(line, textOf(error));
      return;
    }
    for (const { id = "" } of messages.filter(isReply)) {
      this.conditions.timers.clear(line.pending.get(id)?.[1] ?? 0);
      line.pending.delete(id);
    }
    this.listener.received(messages);
  }

  #end(line: Line, reason: string): void {
    if (this.#line !== line) return;
    const lost = [...line.pending.values()].map(([message]) => message);
    const unsent = line.waiting.flat();
    this.#hangUp(line);
    this.listener.failed([...lost, ...unsent], { reason });
  }

  #hangUp(line: Line): void {
    const { timers } = this.conditions;
    this.#line = undefined;
    timers.clear(line.timer);
    for (const [, timer] of line.pending.values()) timers.clear(timer);
    line.socket?.close(1000);
  }
}

/** A connect beside at most one other request, so that publishes stay in order. */
export class LongPollingTransport implements Transport {
  readonly name = "long-polling";
  /** Other messages than a connect, which wait for the request of the first of them. */
  #queue: { readonly messages: readonly Message[]; readonly type: string }[] = [];

  constructor(
    private readonly conditions: Conditions,
    private readonly listener: TransportListener,
  ) {}

  send(messages: readonly Message[], type: string): void {
    if (type === "connect") {
      this.#post(messages, type, () => undefined);
      return;
    }
    this.#queue.push({ messages, type });
    if (this.#queue.length === 1) this.#postFirst();
  }

  abort(): void {
    this.conditions.exchanges.abort();
  }

  reset(): void {
    this.#queue = [];
  }

  #postFirst(): void {
    const queue = this.#queue;
    const [first] = queue;
    if (!first) return;
    this.#post(first.messages, first.type, (works) => {
      if (this.#queue !== queue) return;
      queue.shift();
      if (works) {
        this.#postFirst();
        return;
      }
      const unsent = queue.splice(0).flatMap(({ messages }) => messages);
      const reason = "Previous request failed";
      this.conditions.timers.set(() => this.listener.failed(unsent, { reason }), 0);
    });
  }

  /** @param done called before the outcome is reported */
  #post(messages: readonly Message[], type: string, done: (works: boolean) => void): void {
    const { timers, exchanges, settings, replyTime } = this.conditions;
    let ended = false;
    const end = (works: boolean): boolean => {
      if (ended) return false;
      ended = true;
      timers.clear(timer);
      done(works);
      return true;
    };
    const fail = (reason: string): void => {
      if (end(false)) this.listener.failed(messages, { reason, httpCode: exchange?.status ?? 0 });
    };
    const deadline = replyTime + holdTime(messages, this.listener.advice);
    const timer = timers.set(() => {
      exchange?.abort();
      fail(`No answer in ${deadline} ms`);
    }, deadline);
    let exchange: HttpExchange | undefined;
    try {
      const body = JSON.stringify(messages);
      this.conditions.written(messages);
      exchange = exchanges.post(
        urlOf(settings.url, type),
        body,
        messages,
        (text) => {
          const received = parse(text);
          if (!end(true)) return;
          this.listener.received(isNode() ? markLost(received, exchange?.repeated) : received);
          const replied = new Set(received.filter(isReply).map(({ id }) => id));
          const lost = messages.filter(({ id }) => !replied.has(id));
          // Not the bridge's response, or not all of it: else the message would wait for ever.
          this.listener.failed(lost, { reason: "No answer in the response" });
        },
        fail,
      );
    } catch (error) {
      timers.set(() => fail(textOf(error)), 0);
    }
  }
}

/** Adds the type of a meta message to the URL, for logs and proxies; not to the name of a file. */
function urlOf(url: string, type: string): string {
  if (/\.[^/]*\/?$/.test(new URL(url).pathname)) return url;
  return `${url.replace(/\/$/, "")}/${type}`;
}
