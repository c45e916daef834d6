import type { Client } from "../client.js";
import type { BridgeMessage } from "../message.js";
import type { SubscribeOptions } from "../full-subscriptions.js";
import type { TopicSubscription } from "../topic-subscription.js";

/**
 * Keeps a topic subscribed, whenever the client is connected.
 *
 * @param changed called when it has begun, or has ended with an error
 * @returns a function that ends it
 */
export function keepSubscribed(
  client: Client,
  topic: string,
  {
    selector,
    durable,
    presence,
  }: { [K in keyof SubscribeOptions]: SubscribeOptions[K] | undefined },
  listener: (message: BridgeMessage) => unknown,
  changed: (active: boolean, error: Error | undefined) => void,
): () => void {
  const options: SubscribeOptions = {
    ...(selector === undefined ? {} : { selector }),
    ...(durable === undefined ? {} : { durable }),
    ...(presence === undefined ? {} : { presence }),
  };
  let over = false;
  /** Set from the call on; `undefined`: not subscribed. */
  let subscribing: Promise<TopicSubscription> | undefined;
  const begin = async () => {
    if (subscribing || client.status !== "connected") return;
    const own = (subscribing = client.topicSubscribe(topic, listener, options));
    try {
      await own;
      if (!over) changed(true, undefined);
    } catch (error) {
      if (subscribing !== own || over) return;
      subscribing = undefined;
      // Otherwise the next connection tries again.
      if ((error as { code?: string }).code !== "notSent") changed(false, error as Error);
    }
  };
  const ends = [
    client.on("status", ({ status }) => {
      if (status === "connected") void begin();
      if (status !== "disconnected") return;
      subscribing = undefined;
      changed(false, undefined);
    }),
    client.on("revoked", ({ topics, reason }) => {
      if (topics.includes(topic)) changed(false, new Error(`${topic} was revoked: ${reason}`));
    }),
  ];
  void begin();
  return () => {
    over = true;
    for (const end of ends) end();
    void subscribing?.then((subscription) => subscription.unsubscribe()).catch(() => undefined);
  };
}
