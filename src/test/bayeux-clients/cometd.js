// npm cometd with its extensions ack and reload: connects, sends a request, and follows a topic.
// node cometd.js <endpoint> <transport> <user> <password> <topic>
import { randomUUID } from "node:crypto";
import { adapt } from "cometd-nodejs-client";

const [endpoint, transport, user, password, topic] = process.argv.slice(2);
adapt();
// What a page has, and the reload extension needs.
const stored = new Map();
globalThis.window.sessionStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
  removeItem: (key) => stored.delete(key),
};
const { CometD } = await import("cometd");
const { AckExtension } = await import("cometd/AckExtension.js");
const { ReloadExtension } = await import("cometd/ReloadExtension.js");

const url = new URL(endpoint);
// CometD's WebSocket takes no headers; credentials in the URL reach both transports in Node.js.
url.username = user;
url.password = password;

class Page {
  #waiting = [];

  constructor() {
    this.cometd = new CometD();
    for (const name of this.cometd.getTransportTypes()) {
      if (name !== transport) this.cometd.unregisterTransport(name);
    }
    this.cometd.configure({ url: url.href, logLevel: "warn" });
    this.cometd.registerExtension("ack", new AckExtension());
    this.cometd.registerExtension("reload", new ReloadExtension());
  }

  async connect() {
    const reply = await new Promise((resolve) => this.cometd.handshake(resolve));
    if (!reply.successful) throw new Error(JSON.stringify(reply));
    await new Promise((subscribed) =>
      this.cometd.subscribe(reply.ext.bridge.userChannel, (m) => this.#received(m.data), subscribed),
    );
    return (await this.control("connect", { protocolVersion: "1.2" })).status;
  }

  #received(data) {
    for (const each of this.#waiting.splice(0)) if (!each(data)) this.#waiting.push(each);
  }

  until(wanted) {
    return new Promise((resolve) =>
      this.#waiting.push((data) => wanted(data) && (resolve(data), true)),
    );
  }

  control(type, fields) {
    const correlationId = randomUUID();
    const answer = this.until((data) => data.correlationId === correlationId);
    this.cometd.publish("/anzo/control", { type, correlationId, ...fields });
    return answer;
  }

  send(data) {
    this.cometd.publish("/anzo/bridge", data);
  }

  async request(body) {
    const id = randomUUID();
    const answer = this.until((data) => data.properties?.JMSCorrelationID === id && "body" in data);
    this.send({ destination: "services/echo", properties: { JMSCorrelationID: id }, body });
    return (await answer).body;
  }
}

const page = new Page();
console.log(await page.connect());
console.log("topic", (await page.control("topicSubscribe", { topics: [topic] })).status);
console.log("answer", await page.request("hello"));
const news = page.until((data) => data.properties?.topic === topic);
page.send({ destination: topic, body: "news" });
console.log("message", (await news).body);

// The next page goes on with the session, and with its topics.
const clientId = page.cometd.getClientId();
page.cometd.reload();
const next = new Page();
await next.connect();
console.log("reloaded", next.cometd.getClientId() === clientId);
const later = next.until((data) => data.properties?.topic === topic);
next.send({ destination: topic, body: "later" });
console.log("message", (await later).body);
await new Promise((disconnected) => next.cometd.disconnect(disconnected));
process.exit(0);
