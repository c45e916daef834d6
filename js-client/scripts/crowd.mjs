// Many clients that account for every request and message:
//   node scripts/crowd.mjs '{"url": …, "clients": 8, "topics": […], "service": …, "pause": 500, "timeout": 5000}'
// Half of them use WebSocket, half long polling; client 3 is user-3, with its name as password, and subscribes to two
// topics. Messages are numbers that count up, per topic; the service answers with the body of the request. Prints
// "state {…}" twice a second, and after SIGTERM, when every request has ended, "report {…}".
import { LongspanClient } from "../dist/longspan.node.js";

const { url, clients, topics, service, pause, timeout } = JSON.parse(process.argv[2]);
const PERIOD = 500;
const AT_ONCE = 10;
const SHOWN = 20;

const members = [];
const counts = { requests: 0, answered: 0, messages: 0, interruptions: 0, moves: 0 };
/** Outcomes of requests that were not answered, by code. */
const failed = {};
/** HTTP requests that got no response, by code. The client may have repeated them. */
const broken = {};
/** What no client may ever see: a gap, a message twice, a hole, a wrong answer. */
const problems = [];
let stopping = false;

class Member {
  constructor(number) {
    this.name = `user-${number}`;
    this.topics = [0, 1].map((i) => topics[(number + i) % topics.length]);
    this.seen = new Map();
    this.bridge = undefined;
    this.client = new LongspanClient({
      url,
      user: this.name,
      password: this.name,
      transports: [number % 2 === 0 ? "websocket" : "long-polling"],
      fetch: counted,
      connectTimeout: 0,
      requestTimeout: timeout,
      // A slow machine is no broken network.
      networkTimeout: Math.max(10_000, timeout),
      webSocketTimeout: Math.max(3_000, timeout),
      controlTimeout: Math.max(15_000, timeout),
    });
    this.client.on("gap", (gap) => this.problem(`gap ${JSON.stringify(gap)}`));
    this.client.on("revoked", (event) => this.problem(`revoked ${JSON.stringify(event)}`));
    this.client.on("status", ({ status }) => {
      if (status === "reconnecting") counts.interruptions++;
      if (status === "disconnected" && !stopping) this.problem("disconnected");
    });
  }

  problem(text) {
    problems.push(`${this.name}: ${text}`);
  }

  async begin() {
    await this.client.connect();
    const subscription = await this.client.topicSubscribe(this.topics, (m) => this.message(m));
    if (subscription.failed.length > 0) this.problem("not subscribed");
  }

  async run() {
    while (!stopping) {
      if (this.client.status === "connected") await this.ask();
      await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random())));
    }
  }

  message(message) {
    counts.messages++;
    const number = Number(message.text());
    const last = this.seen.get(message.topic);
    if (last !== undefined && number !== last + 1) {
      this.problem(`${message.topic}: ${number} after ${last}`);
    }
    this.seen.set(message.topic, number);
  }

  async ask() {
    const { bridgeId } = this.client.info ?? {};
    if (this.bridge !== undefined && bridgeId !== this.bridge) counts.moves++;
    this.bridge = bridgeId;
    const body = `${this.name} ${++counts.requests}`;
    try {
      const answer = await this.client.request(service, body);
      if (answer.text() === body) counts.answered++;
      else this.problem(`the answer to ${body} was ${answer.text()}`);
    } catch (error) {
      failed[error.code] = (failed[error.code] ?? 0) + 1;
    }
  }
}

async function counted(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    const code = error.cause?.code ?? error.name;
    broken[code] = (broken[code] ?? 0) + 1;
    throw error;
  }
}

function state() {
  const connected = members.filter((each) => each.client.status === "connected");
  const bridges = {};
  for (const { client } of connected) {
    bridges[client.info.bridgeId] = (bridges[client.info.bridgeId] ?? 0) + 1;
  }
  // The last message of the client that has the oldest one; 0 if a client has none.
  const seen = Object.fromEntries(
    topics.map((topic) => [
      topic,
      Math.min(
        ...members.filter((m) => m.topics.includes(topic)).map((m) => m.seen.get(topic) ?? 0),
      ),
    ]),
  );
  return {
    connected: connected.length,
    bridges,
    seen,
    ...counts,
    failed,
    broken,
    problems: problems.slice(0, SHOWN),
  };
}

const print = (kind, value) => console.log(`${kind} ${JSON.stringify(value)}`);

for (let i = 0; i < clients; i++) members.push(new Member(i));
const ticker = setInterval(() => print("state", state()), PERIOD);
process.once("SIGTERM", () => (stopping = true));
const running = [];
for (const each of members) {
  const connected = each.begin();
  running.push(
    connected.then(() => each.run()).catch((error) => each.problem(`ended by ${error}`)),
  );
  // Not all at once.
  if (running.length % AT_ONCE === 0) await connected.catch(() => undefined);
}
await Promise.all(running);
clearInterval(ticker);
const last = state();
await Promise.all(members.map((each) => each.client.disconnect()));
print("report", last);
