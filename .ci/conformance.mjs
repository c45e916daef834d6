// Writes docs/conformance.md from the reports of the last whole test run, or (--check) says whether it is still true.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const FILE = "docs/conformance.md";
const PAIRINGS = [
  ["ActiveMq", "ActiveMQ Classic"],
  ["Artemis", "Artemis"],
  ["AmqpToActiveMq", "AMQP to ActiveMQ"],
  ["AmqpToArtemis", "AMQP to Artemis"],
  ["RabbitMq", "RabbitMQ"],
];
const SUITES = [
  ["wire", "Wire", "The protocol at the wire"],
  ["wire", "TemporaryQueueWire", "The protocol with a temporary queue for answers"],
  ["wire", "ReplyTopicWire", "The protocol with a topic for answers"],
  ["wire", "ReplyQueueWire", "The protocol with one queue for all answers"],
  ["wire", "TopicState", "Presence, kept messages and descriptions"],
  ["wire", "QueueConsumption", "Consuming from queues"],
  ["wire", "Resume", "Sessions and topics that go on where they were"],
  ["wire", "SlowConsumer", "Clients that do not keep up"],
  ["external", "Outage", "The broker goes away"],
  ["wire", "FullDestination", "A destination is full"],
  ["wire", "SeveralAddresses", "The broker has several addresses"],
  ["wire", "Reopening", "The broker refuses or ends what was there"],
  ["wire", "Undeliverable", "Messages that cannot be delivered as they are"],
];

/** Suites with two brokers: the class, the title, and the pairs. */
const TWO_BROKERS = [
  [
    "SeveralBrokersTests",
    "Several brokers behind one bridge",
    [
      ["ActiveMqAndArtemis", "ActiveMQ and Artemis"],
      ["ArtemisAndActiveMq", "Artemis and ActiveMQ"],
      ["AmqpToActiveMqAndAmqpToArtemis", "AMQP to both"],
      ["ActiveMqAndRabbitMq", "ActiveMQ and RabbitMQ"],
    ],
  ],
  [
    "ForwardTests",
    "Messages from one broker to another",
    [
      ["ActiveMqToArtemisForward", "ActiveMQ to Artemis"],
      ["ArtemisToActiveMqForward", "Artemis to ActiveMQ"],
      ["ActiveMqToRabbitMqForward", "ActiveMQ to RabbitMQ"],
      ["AmqpToActiveMqToArtemisForward", "AMQP to ActiveMQ, AMQP to Artemis"],
    ],
  ],
];

/** The class of a suite that is not named like it. */
const CLASSES = {
  Outage: "BrokerOutageTests",
  TemporaryQueueWire: "WireTests",
  ReplyTopicWire: "WireTests",
  ReplyQueueWire: "WireTests",
};

/** Test methods with how often each ran and passed. */
function results(folder, suite, pairing) {
  const file = `target/failsafe-reports/TEST-io.longspan.${folder}.${pairing}${suite}IT.xml`;
  if (!existsSync(file)) throw new Error(`${file} is missing: run mvn verify first`);
  const tests = new Map();
  const cases = readFileSync(file, "utf8").matchAll(
    /<testcase name="(\w+)[^"]*"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs,
  );
  for (const [, name, inner = ""] of cases) {
    const test = tests.get(name) ?? { runs: 0, passed: 0 };
    test.runs++;
    if (!/<(failure|error|skipped)\b/.test(inner)) test.passed++;
    tests.set(name, test);
  }
  return tests;
}

const words = (name) => name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

function suite([folder, name, title]) {
  return table(CLASSES[name] ?? `${name}Tests`, title, PAIRINGS, (pairing) => results(folder, name, pairing));
}

function twoBrokers([name, title, pairs]) {
  return table(name, title, pairs, (pair) => results("wire", "", pair));
}

function table(name, title, pairings, read) {
  const columns = pairings.map(([pairing]) => read(pairing));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort();
  const cell = (test) =>
    test === undefined ? "–" : test.passed === test.runs ? "passed" : "**failed**";
  return [
    `## ${title}`,
    "",
    `| \`${name}\` | ${pairings.map(([, pairing]) => pairing).join(" | ")} |`,
    `|---|${"---|".repeat(pairings.length)}`,
    ...names.map((test) => `| ${words(test)} | ${columns.map((column) => cell(column.get(test))).join(" | ")} |`),
    "",
  ].join("\n");
}

const page = `# Conformance

What \`mvn verify\` has seen on each pairing of JMS client and broker, each test over long polling and
over WebSocket. The brokers (ActiveMQ Classic 6.3.1, Artemis 2.56, Debian's RabbitMQ 3.10) run in
processes of their own.
\`node .ci/conformance.mjs\` writes this page from the reports of a whole run. The class that a table
names says what each test checks; the tests of \`WireTests\`, \`TopicStateTests\` and \`QueueConsumptionTests\` are in the
interfaces that they implement.
A dash means that the test does not apply to that pairing: not every broker has each policy or each
kind of message.

Two differences are the brokers'. ActiveMQ's AMQP connector makes the maps and streams of other
clients look like object messages, which reach web clients as \`unsupported\`. It makes a message
without a body look like one of no bytes. Artemis shows the message id of an AMQP message only to
AMQP clients, so \`correlate: messageId\` does not work with services that use another client.

${[...SUITES.map(suite), ...TWO_BROKERS.map(twoBrokers)].join("\n")}`;

if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== page) {
    console.error(`${FILE} is not what this run has seen: write it anew by node .ci/conformance.mjs`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(FILE, page);
}
