import { objectsOf, type FurtherCodec, type Notice, type Presence } from "./codec.js";
import { stringOf, stringsOf } from "./json.js";

/** Decodes what the bridge tells about queues, acknowledgements and presence. */
export const fullCodec: FurtherCodec = {
  answer: (data) => ({
    failedDeliveries: stringsOf(data.failedDeliveries),
    present: objectsOf(data.topics).map(decodePresence),
  }),
  notice: decodeNotice,
};

function decodeNotice(data: Record<string, unknown>): Notice | undefined {
  const kind = "notice";
  const reason = stringOf(data.reason) ?? "";
  switch (data.type) {
    case "queueUnsubscribed":
      return { kind, name: "queuesRevoked", event: { queues: stringsOf(data.queues), reason } };
    case "presence": {
      const [joined, left] = [stringsOf(data.joined), stringsOf(data.left)];
      return { kind, name: "presence", event: { topic: String(data.topic), joined, left } };
    }
    case "presenceEnded":
      return { kind, name: "presenceEnded", event: { topics: stringsOf(data.topics), reason } };
    default:
      return undefined;
  }
}

const decodePresence = ({ topic, clients, users, more }: Record<string, unknown>): Presence => ({
  topic: String(topic),
  clients: Number(clients),
  users: stringsOf(users),
  ...(typeof more === "number" ? { more } : {}),
});
