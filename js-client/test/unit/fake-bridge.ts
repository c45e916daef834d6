import type { Refusal } from "../../src/codec.js";
import type { Connection, ConnectionListener, Receipt } from "../../src/connection.js";
import { LongspanClient, type ClientOptions, type TransportName } from "../../src/index.js";
import type { OpenStore } from "../../src/reload-store.js";

interface Sent {
  readonly channel: string;
  readonly data: Record<string, unknown>;
  readonly receipt: (receipt: Receipt) => void;
}

/** A connection of which the test is the other side. Nothing is answered unless it is told. */
export class FakeConnection implements Connection {
  readonly problem = undefined;
  transport: TransportName | undefined = "websocket";
  replyTime = 0;
  woken = 0;
  dropped = 0;
  listener!: ConnectionListener;
  readonly sent: Sent[] = [];
  closed = false;

  open(listener: ConnectionListener): void {
    this.listener = listener;
  }

  publish(channel: string, data: unknown, receipt: (receipt: Receipt) => void): void {
    // As it is on the wire, where fields that are undefined do not exist.
    const json = JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
    this.sent.push({ channel, data: json, receipt });
  }

  batch(run: () => void): void {
    run();
  }

  wake(): void {
    this.woken++;
  }

  drop(): void {
    this.dropped++;
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** What the bridge says of a failure. */
export const refusal = (errorCode: string, temporary: boolean): Refusal => ({
  errorCode,
  errorMessage: "no",
  temporary,
});

/** The fields of an answer that is one. */
export const refused = (errorCode: string, temporary: boolean) => ({
  status: "failed",
  ...refusal(errorCode, temporary),
});

export class FakeBridge {
  readonly connections: FakeConnection[] = [];
  readonly client: LongspanClient;
  readonly errors: unknown[] = [];
  /** The number of the last message. */
  seq = 0;
  #sessions = 0;
  #losing = false;

  constructor(
    readonly options: ClientOptions = {},
    openStore?: OpenStore,
  ) {
    const quiet = () => undefined;
    const logger = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (...args: unknown[]) => void this.errors.push(args),
    };
    this.client = new LongspanClient(
      { url: "http://bridge.test/cometd", random: () => 1, logger, ...options },
      () => {
        const connection = new FakeConnection();
        this.connections.push(connection);
        return connection;
      },
      openStore,
    );
  }

  get connection(): FakeConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error("no connection");
    return connection;
  }

  /** What was sent last, of the given kind. */
  last(type?: string): Sent {
    const found = this.connection.sent.findLast(
      ({ data }) => type === undefined || data.type === type,
    );
    if (found === undefined) throw new Error(`nothing sent: ${type}`);
    return found;
  }

  sentOf(type: string): Record<string, unknown>[] {
    return this.connection.sent.map(({ data }) => data).filter((data) => data.type === type);
  }

  /** The correlation id of what was sent: 0 is the last, 1 the one before. */
  idOfSent(before = 0): string {
    const { data } = this.connection.sent.at(-1 - before) ?? this.last();
    const { correlationId, properties } = data as {
      correlationId?: string;
      properties?: { JMSCorrelationID?: string };
    };
    return correlationId ?? properties?.JMSCorrelationID ?? "";
  }

  /** Opens a new Bayeux session, of which `connect` is not answered yet. */
  openSession(user = "alice"): void {
    const clientId = `s${++this.#sessions}`;
    this.connection.listener.opened({
      clientId,
      user,
      bridgeId: "b1",
      root: "/anzo",
      userChannel: `/anzo/user/alice/${clientId}`,
    });
  }

  /** Delivers it as the next message, unless it has a number of its own. */
  deliver(data: Record<string, unknown>): void {
    const { seq = this.seq + 1 } = data as { seq?: number };
    this.seq = Math.max(this.seq, seq);
    if (!this.#losing) this.connection.listener.received({ ...data, seq });
  }

  /** Loses what is sent meanwhile. */
  losing(run: () => void): void {
    this.#losing = true;
    run();
    this.#losing = false;
  }

  /** Answers the last control message of this type. */
  async answer(type: string, fields: Record<string, unknown> = {}): Promise<void> {
    const { correlationId } = this.last(type).data;
    const topics = type.startsWith("topic") ? { failedTopics: [], topicErrors: [] } : {};
    const status = type === "connect" ? "connected" : "success";
    const session = type === "connect" ? { resumeToken: "t1" } : {};
    this.deliver({ correlationId, status, ...topics, ...session, ...fields });
    await settled();
  }

  /** The last `connect` finds what it asks for. */
  resume(): Promise<void> {
    return this.answer("connect", { resumed: true });
  }

  /** The last `connect` finds nothing: a session that begins anew. */
  refuseToResume(): Promise<void> {
    this.seq = 0;
    return this.answer("connect", { resumed: false, resumeToken: "t2" });
  }

  async connect(): Promise<void> {
    const connected = this.client.connect();
    this.openSession();
    await this.answer("connect");
    await connected;
  }

  /** Takes the last message to the bridge and returns its correlation id. */
  take(): string {
    const { data, receipt } = this.last();
    receipt({ kind: "sent" });
    return String((data.properties as Record<string, unknown>).JMSCorrelationID);
  }

  reply(id: string, body: unknown, properties: Record<string, unknown> = {}): void {
    this.deliver({ properties: { JMSCorrelationID: id, ...properties }, body });
  }
}

/** Lets promises that can settle do so; works with fake timers. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** The outcome of a promise as text: what it gave, or the code with which it failed. */
export const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => (error as { code?: string }).code ?? error,
  );
