import { ConnectionLostError, LongspanError } from "../errors.js";
import type { Fate } from "../deliveries.js";
import { BridgeMessage } from "../message.js";
import type { QueueMessage } from "../queue-message.js";
import type { RequestOptions } from "../requests.js";
import type { SendBody } from "../sends.js";
import type { ClientEvents, StatusEvent } from "../status.js";
import type { SubscribeOptions } from "../full-subscriptions.js";
import type { TopicSubscription } from "../topic-subscription.js";
import type { QueueOptions } from "../consumers.js";
import type { TopicFailure } from "../errors.js";
import { deferred, type Deferred } from "../deferred.js";
import type { Hub, HubSession } from "./hub.js";
import {
  cloned,
  errorOf,
  messageOf,
  wireError,
  type Calls,
  type FromHub,
  type ToHub,
} from "./wire.js";

export type Post = (message: FromHub) => void;

/** The functions of `Calls`, which get the id of their call. */
type Handlers = {
  [N in keyof Calls]: (
    id: number,
    ...args: Parameters<Calls[N]>
  ) => ReturnType<Calls[N]> | Promise<ReturnType<Calls[N]>>;
};

/** What a call of a tab has begun, and has not ended. */
interface Begun {
  end(): Promise<void>;
  /** Of a subscription: ends all topics but these. */
  narrow?(rest: readonly string[]): Promise<void>;
  /** The topics of a subscription, or the queue. */
  names(): readonly string[];
}

const WILDCARD = /(^|\/)\*/;

/** One tab at the hub: what it has begun there, and ends with it. */
export class HubTab {
  #session: HubSession | undefined;
  #gone = false;
  readonly #aborts = new Map<number, AbortController>();
  readonly #begun = new Map<number, Begun>();
  readonly #tasks = new Map<number, Deferred<unknown>>();
  /** Messages of queues that this tab processes, by task. */
  readonly #deliveries = new Map<number, QueueMessage>();
  #taskIds = 0;

  constructor(
    private readonly hub: Hub,
    private readonly post: Post,
  ) {}

  /** Identifies the session that this tab uses. */
  get key(): string | undefined {
    return this.#session?.key;
  }

  receive(message: ToHub): void {
    if (this.#gone) return;
    switch (message.is) {
      case "open":
        this.#session?.leave(this);
        this.#session = this.hub.join(message, this);
        this.#tellState();
        return;
      case "call":
        void this.#call(message.id, message.name, message.args);
        return;
      case "cancel":
        this.#aborts.get(message.id)?.abort();
        return;
      case "batch":
        this.#session?.client.batch(() => {
          for (const each of message.messages) this.receive(each);
        });
        return;
      case "done":
        this.#task(message.id)?.resolve(message.value);
        return;
      case "failed":
        this.#task(message.id)?.reject(errorOf(message.error));
        return;
      case "bye":
        this.gone();
    }
  }

  /** The tab has left, or has died: what it has begun ends, and nothing else. */
  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#drop();
    this.#session?.leave(this);
    this.#session = undefined;
  }

  happened<K extends keyof ClientEvents>(name: K, event: ClientEvents[K]): void {
    this.#tellState();
    const error = name === "status" ? (event as StatusEvent).error : undefined;
    const mine = this.#mine(name, event);
    if (!mine) return;
    this.post({
      is: "event",
      name,
      event: name === "status" ? { ...mine, error: undefined } : mine,
      error: error && wireError(error),
    });
    if (name === "status" && this.#session?.client.status === "disconnected") this.#left();
  }

  /** The session has ended for a reason that its client does not know. */
  failed(error: LongspanError): void {
    const { status } = this.#session?.state ?? {};
    this.post({
      is: "state",
      state: { status: "disconnected", transport: undefined, info: undefined },
    });
    const event = { status: "disconnected", previous: status };
    this.post({ is: "event", name: "status", event, error: wireError(error) });
    this.#left();
  }

  unasked(message: BridgeMessage): void {
    this.post({ is: "unasked", message: cloned(message) });
  }

  token(): Promise<unknown> {
    return this.#ask((task) => ({ is: "token", task }));
  }

  readonly #handlers: Handlers = {
    connect: () => this.#client.connect(),
    reconnect: () => this.#client.reconnect(),
    publish: (_, destination, body, options) =>
      this.#client.publish(destination, body as SendBody, options),
    reply: (_, message, body, options) =>
      this.#client.reply(messageOf(message), body as SendBody, options),
    request: (id, destination, body, options) =>
      this.#abortable(id, async (signal) =>
        cloned(
          await this.#client.request(destination, body as SendBody, {
            ...(options as RequestOptions),
            signal,
          }),
        ),
      ),
    stream: (id, destination, body, options) =>
      this.#abortable(id, async (signal) => {
        const parts = this.#client.requestStream(destination, body as SendBody, {
          ...(options as RequestOptions),
          signal,
        });
        for await (const part of parts) this.post({ is: "part", id, message: cloned(part) });
      }),
    subscribe: (id, topics, options) => this.#subscribe(id, topics, options),
    forget: (_, topics, options) => this.#client.topicUnsubscribe(topics, options),
    presence: (_, topic) => this.#client.presence(topic),
    consume: (id, queue, options) => this.#consume(id, queue, options),
    end: async (_, call, rest) => {
      const begun = this.#begun.get(call);
      if (rest.length > 0) await begun?.narrow?.(rest);
      else {
        this.#begun.delete(call);
        await begun?.end();
      }
    },
    settle: (_, task, fate) => this.#settle(task, fate),
  };

  async #call(id: number, name: keyof Calls, args: readonly unknown[]): Promise<void> {
    try {
      const run = this.#handlers[name] as (id: number, ...args: readonly unknown[]) => unknown;
      const value = await run(id, ...args);
      this.post({ is: "done", id, value });
    } catch (error) {
      this.post({ is: "failed", id, error: wireError(error) });
    }
  }

  get #client() {
    if (!this.#session) throw new ConnectionLostError("The session has ended");
    return this.#session.client;
  }

  async #abortable<T>(id: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#aborts.set(id, controller);
    try {
      return await run(controller.signal);
    } finally {
      this.#aborts.delete(id);
    }
  }

  async #subscribe(
    id: number,
    topics: readonly string[],
    options: SubscribeOptions,
  ): Promise<readonly TopicFailure[]> {
    const client = this.#client;
    const listener = (message: BridgeMessage): unknown => {
      if (options.durable !== undefined) {
        return this.#ask((task) => ({ is: "message", id, message: cloned(message), task }));
      }
      this.post({ is: "message", id, message: cloned(message) });
      return undefined;
    };
    let subscription: TopicSubscription = await client.topicSubscribe(topics, listener, options);
    await this.#begin(id, {
      names: () => subscription.topics,
      end: () => subscription.unsubscribe(),
      narrow: async (rest) => {
        // Both at once: no message comes between.
        const next = client.topicSubscribe(rest, listener, options);
        const left = subscription.unsubscribe();
        subscription = await next;
        await left;
      },
    });
    return subscription.failed;
  }

  async #consume(id: number, queue: string, options: QueueOptions): Promise<void> {
    const handler = (message: QueueMessage) =>
      this.#ask((task) => {
        this.#deliveries.set(task, message);
        const delivery = String(task);
        return { is: "message", id, task, message: { ...cloned(message), delivery } };
      });
    const subscription = await this.#client.queueSubscribe(queue, handler, options);
    await this.#begin(id, { names: () => [queue], end: () => subscription.unsubscribe() });
  }

  async #begin(id: number, begun: Begun): Promise<void> {
    if (this.#gone) await begun.end();
    else this.#begun.set(id, begun);
  }

  #settle(task: number, fate: Fate): boolean | Promise<boolean> {
    const message = this.#deliveries.get(task);
    if (!message) return false;
    switch (fate.type) {
      case "ack":
        return message.acknowledge();
      case "release":
        return message.release(fate);
      case "reject":
        return message.reject(fate.reason);
    }
  }

  /** Gives the tab a task, and waits for its outcome. */
  #ask(question: (task: number) => FromHub): Promise<unknown> {
    if (this.#gone) return Promise.reject(new ConnectionLostError("The tab is gone"));
    const task = ++this.#taskIds;
    const open = deferred<unknown>();
    this.#tasks.set(task, open);
    this.post(question(task));
    return open.promise;
  }

  #task(id: number): Deferred<unknown> | undefined {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    this.#deliveries.delete(id);
    return task;
  }

  #tellState(): void {
    if (this.#session) this.post({ is: "state", state: this.#session.state });
  }

  /** Returns what of an event concerns this tab. */
  #mine<K extends keyof ClientEvents>(name: K, event: ClientEvents[K]): object | undefined {
    if (name === "gap") {
      const { topics, reason } = event as ClientEvents["gap"];
      const mine = topics.filter(({ topic }) => this.#has(topic));
      return mine.length === 0 ? undefined : { topics: mine, reason };
    }
    if (name === "presenceEnded") {
      const { topics, reason } = event as ClientEvents["presenceEnded"];
      const mine = topics.filter((topic) => this.#has(topic));
      return mine.length === 0 ? undefined : { topics: mine, reason };
    }
    if (name === "presence") {
      return this.#has((event as ClientEvents["presence"]).topic) ? event : undefined;
    }
    // Of the others, the tab knows which topics and queues were its.
    return event;
  }

  #has(topic: string): boolean {
    const names = [...this.#begun.values()].flatMap((begun) => begun.names());
    return names.some((name) => name === topic || WILDCARD.test(name));
  }

  #left(): void {
    this.#drop();
    this.#session = undefined;
  }

  #drop(): void {
    const ended = new ConnectionLostError("The tab has left");
    for (const abort of this.#aborts.values()) abort.abort();
    for (const task of [...this.#tasks.keys()]) this.#task(task)?.reject(ended);
    for (const begun of this.#begun.values()) void begun.end().catch(() => undefined);
    this.#begun.clear();
  }
}
