// npm faye: connects, sends a request, and follows a topic.
// node faye.js <endpoint> <transport> <user> <password> <topic>
import { randomUUID } from "node:crypto";
import faye from "faye";

const [endpoint, transport, user, password, topic] = process.argv.slice(2);
const client = new faye.Client(endpoint);
const credentials = Buffer.from(`${user}:${password}`).toString("base64");
client.setHeader("Authorization", `Basic ${credentials}`);
if (transport === "long-polling") client.disable("websocket");

let bridge;
client.addExtension({
  incoming(message, callback) {
    if (message.channel === "/meta/handshake") {
      bridge = message.ext.bridge;
      // A load balancer keeps the session on its bridge by this header.
      client.setHeader("X-Bridge-Id", bridge.bridgeId);
    }
    callback(message);
  },
});

const waiting = [];
function received(data) {
  for (const each of waiting.splice(0)) if (!each(data)) waiting.push(each);
}
const until = (wanted) =>
  new Promise((resolve) => waiting.push((data) => wanted(data) && (resolve(data), true)));

async function control(type, fields) {
  const correlationId = randomUUID();
  const answer = until((data) => data.correlationId === correlationId);
  await client.publish("/anzo/control", { type, correlationId, ...fields });
  return answer;
}

await new Promise((connected) => client.connect(connected));
await client.subscribe(bridge.userChannel, received);
console.log((await control("connect", { protocolVersion: "1.2" })).status);
console.log("topic", (await control("topicSubscribe", { topics: [topic] })).status);

const id = randomUUID();
const answer = until((data) => data.properties?.JMSCorrelationID === id && "body" in data);
const properties = { JMSCorrelationID: id };
await client.publish("/anzo/bridge", { destination: "services/echo", properties, body: "hello" });
console.log("answer", (await answer).body);

const news = until((data) => data.properties?.topic === topic);
await client.publish("/anzo/bridge", { destination: topic, body: "news" });
console.log("message", (await news).body);
await client.disconnect();
process.exit(0);
