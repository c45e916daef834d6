// What the compiler says of typed and untyped clients; `npm run lint` checks it.
import { LongspanClient, type BridgeMessage, type JsonValue } from "../../src/index.js";
import { LongspanClient as SharedClient } from "../../src/shared.js";
import { createHooks } from "../../src/react.js";
import { topicFeed } from "../../src/streams.js";

interface Quote {
  readonly price: number;
}

interface MyDestinations {
  "services/quote": { send: { symbol: string }; answer: Quote };
  [prices: `prices/${string}`]: { message: Quote };
  "jobs/render": { work: { file: string }; send: { file: string }; answer: JsonValue };
}

export async function typed(client: LongspanClient<MyDestinations>): Promise<number> {
  const answer = await client.request("services/quote", { symbol: "ABC" });
  const quote: Quote = answer.json();
  // @ts-expect-error: it is not a string
  const text: string = answer.json();
  // @ts-expect-error: the symbol is missing
  await client.request("services/quote", {});
  // @ts-expect-error: no such destination
  await client.request("services/other", {});
  // @ts-expect-error: a topic that cannot be sent to
  await client.publish("prices/london", {});
  // @ts-expect-error: a service is no topic
  await client.topicSubscribe("services/quote", () => undefined);
  await client.topicSubscribe(["prices/london/ABC", "prices/*/XYZ"], (message) => {
    const price: number = message.json().price;
    return [price, text];
  });
  await client.queueSubscribe("jobs/render", (message) => message.json().file.trim());
  for await (const message of topicFeed(client, "prices/london")) return message.json().price;
  return quote.price;
}

export async function untyped(client: LongspanClient): Promise<JsonValue> {
  await client.topicSubscribe("any/topic", ({ body }) => body);
  await client.publish("any/topic", 1);
  const answer: BridgeMessage = await client.request("any/service", { any: "body" });
  const asserted = answer.json<Quote>();
  // @ts-expect-error: a number is no topic
  await client.topicSubscribe(1, () => undefined);
  return asserted.price > 0 ? answer.json() : null;
}

export function shared(): LongspanClient<MyDestinations>["request"] {
  const client = new SharedClient<MyDestinations>({ shared: true });
  // @ts-expect-error: a shared client has no credentials of its own
  new SharedClient({ user: "alice" });
  // @ts-expect-error: the symbol is a string
  void client.request("services/quote", { symbol: 1 });
  return client.request.bind(client);
}

export function Component(): string {
  const { useTopic, useRequest } = createHooks<MyDestinations>();
  const { message } = useTopic("prices/london");
  const { answer } = useRequest("services/quote", { symbol: "ABC" });
  // @ts-expect-error: no such destination
  useRequest("services/other", {});
  const prices: (number | undefined)[] = [message?.json().price, answer?.json().price];
  return prices.join();
}
