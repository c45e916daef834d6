/** The public API of `longspan/streams`: topics and events for loops and observers. */
import type { Client } from "./client.js";
import type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
import type { BridgeMessage } from "./message.js";
import type { ClientEvents } from "./status.js";
import { Stream, type MessageStream } from "./stream.js";
import type { SubscribeOptions } from "./full-subscriptions.js";

/** Receives the values of a feed; each function may be missing. */
export interface FeedObserver<T> {
  next?(value: T): void;
  error?(error: unknown): void;
  complete?(): void;
}

/** What `subscribe()` of an observable returns. */
export interface FeedSubscription {
  unsubscribe(): void;
}

/**
 * Values that begin when somebody asks for them: in a loop (`for await`), or as an observable, for
 * example RxJS's `from(feed)`. Each loop and each observer begins on its own.
 */
export interface Feed<T> extends AsyncIterable<T, undefined> {
  [Symbol.asyncIterator](): MessageStream<T>;
  subscribe(observer: FeedObserver<T>): FeedSubscription;
}

/** Begins to give values. @returns a function that ends that */
type Begin<T> = (give: (value: T) => void, fail: (error: unknown) => void) => () => void;

/** Maximum number of values that wait for a slow loop. */
const MAX_WAITING = 10_000;

/**
 * Returns the messages of topics. A feed ends with an error if the subscription is refused, or when
 * the bridge ends the last of its topics.
 */
export function topicFeed<
  D extends object = AnyDestinations,
  N extends NameFor<"message", D> = NameFor<"message", D>,
>(
  client: Client<D>,
  topics: N | readonly N[],
  options?: SubscribeOptions,
): Feed<BridgeMessage<BodyOf<"message", D, N>>> {
  return new BegunFeed((give, fail) => {
    const subscribing = client.topicSubscribe(topics, give, options);
    subscribing.catch(fail);
    const revoked = client.on("revoked", ({ reason }) => {
      void subscribing.then(
        (subscription) => {
          if (subscription.topics.length === 0)
            fail(new Error(`The bridge has ended it: ${reason}`));
        },
        () => undefined,
      );
    });
    return () => {
      revoked();
      void subscribing.then((subscription) => subscription.unsubscribe()).catch(() => undefined);
    };
  });
}

/** Returns the events of a client. */
export const eventFeed = <D extends object, K extends keyof ClientEvents>(
  client: Client<D>,
  event: K,
): Feed<ClientEvents[K]> => new BegunFeed((give) => client.on(event, give));

/** Returns the unsolicited messages of a client. */
export const messageFeed = <D extends object>(client: Client<D>): Feed<BridgeMessage> =>
  new BegunFeed((give) => client.addMessageListener(give));

class BegunFeed<T> implements Feed<T> {
  constructor(private readonly begin: Begin<T>) {
    // RxJS looks for the symbol if there is one, and otherwise for this text.
    const { observable = "@@observable" } = Symbol as { observable?: symbol };
    Object.defineProperty(this, observable, { value: () => this });
  }

  [Symbol.asyncIterator](): MessageStream<T> {
    let end = (): void => undefined;
    const stream = new Stream<T>(() => end());
    const fail = (error: unknown) => {
      stream.fail(error as Error);
      end();
    };
    end = this.begin((value) => {
      if (stream.push(value) > MAX_WAITING) {
        fail(new Error(`More than ${MAX_WAITING} values wait for a reader`));
      }
    }, fail);
    return stream;
  }

  subscribe(observer: FeedObserver<T>): FeedSubscription {
    let open = true;
    const end = this.begin(
      (value) => {
        if (open) observer.next?.(value);
      },
      (error) => {
        if (!open) return;
        unsubscribe();
        observer.error?.(error);
      },
    );
    const unsubscribe = () => {
      if (!open) return;
      open = false;
      end();
    };
    return { unsubscribe };
  }
}
