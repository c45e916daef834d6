import { Backoff } from "./backoff.js";
import {
  decode,
  type AnswerOk,
  type ConnectInfo,
  type ControlAnswer,
  type Incoming,
} from "./codec.js";
import type { Connection, ConnectionFactory, Receipt, SessionInfo } from "./connection.js";
import { Controls } from "./controls.js";
import { CorrelationIds } from "./correlation.js";
import { RefusedError, TimedOutError, type LongspanError } from "./errors.js";
import { isObject } from "./json.js";
import type { Settings, TransportName } from "./options.js";
import { receiptError, refused, type ControlCommand } from "./session-port.js";
import type { SendData } from "./sends.js";
import { Sequence } from "./sequence.js";
import type { Timers } from "./timers.js";

/** Version of the protocol of a bridge that does not say its own. */
const OLDEST_VERSION = "1.1";

/** Milliseconds that a reply may take beyond the bridge's own timeout. */
const MARGIN = 2_000;

/** Maximum number of `connect` messages whose answers are still accepted. */
const MAX_UNANSWERED_CONNECTS = 20;

/** Callbacks of a link. */
export interface BridgeLinkListener {
  /**
   * The bridge has connected this client. If `resumed` is false, nothing of the earlier session
   * exists there.
   */
  connected(info: ConnectInfo, resumed: boolean): void;
  /**
   * The network or the session is gone, or the bridge does not have the client; `connected` or
   * `failed` follows.
   */
  interrupted(): void;
  received(incoming: Incoming): void;
  /** Messages may be missing and will not arrive. */
  overrun(): void;
  /** The connection has failed for good; nothing follows. */
  failed(error: Error): void;
}

/** What a page needs to resume the session of the page before a reload. */
export interface ResumePoint {
  readonly user: string | undefined;
  readonly token: string;
  readonly seq: number;
  /** The last correlation id. */
  readonly lastId: string;
}

/**
 * One connection to a bridge, and its session. It sends `connect` with `resume` in each new
 * session, and whenever messages may have been lost (protocol section 6). It delivers each message
 * once and in order.
 */
export class BridgeLink {
  readonly ids = new CorrelationIds();
  readonly #connection: Connection;
  readonly #controls: Controls;
  readonly #sequence: Sequence<Incoming>;
  readonly #backoff: Backoff;
  #root = "";
  #session: SessionInfo | undefined;
  #user: string | undefined;
  /** The `resumeToken` of the bridge. */
  #token: string | undefined;
  /** Whether the client is connected in the current session. */
  #connected = false;
  /** The `connect` in flight, and the timer that repeats it. */
  #pendingConnect: { readonly id: string; timer: number } | undefined;
  /** Correlation ids of all unanswered `connect` messages in this session. */
  readonly #unansweredConnects = new Set<string>();
  /** The bridge must retain messages after this `seq`, for the unanswered `connect` messages. */
  #neededFrom: number | undefined;
  /** Whether the network is gone; missing messages are requested when it is back. */
  #down = false;
  /** The `seq` after which messages were missing at the bridge's last answer. */
  #missingAfter: number | undefined;
  #closed = false;
  #error: Error | undefined;

  constructor(
    private readonly settings: Settings,
    connections: ConnectionFactory,
    private readonly timers: Timers,
    public listener: BridgeLinkListener,
    point?: ResumePoint,
  ) {
    const { initial, max } = settings.reconnect;
    this.#backoff = new Backoff(initial, max, settings.random);
    this.#controls = new Controls(settings.controlTimeout);
    this.#sequence = new Sequence((incoming) => this.#deliver(incoming));
    this.#user = point?.user;
    this.#token = point?.token;
    if (point) {
      this.#sequence.restart(point.seq);
      this.ids.restore(point.lastId);
    }
    this.#connection = connections(settings);
  }

  /** Why the client is not connected, for people. */
  get problem(): Error | string | undefined {
    return this.#error ?? this.#connection.problem;
  }

  get transport(): TransportName | undefined {
    return this.#connection.transport;
  }

  /** The user of the session. */
  get user(): string | undefined {
    return this.#user;
  }

  /** The point from which a later link can resume. */
  get point(): ResumePoint | undefined {
    const token = this.#token;
    const user = this.#user;
    if (token === undefined) return undefined;
    return { user, token, seq: this.#sequence.last, lastId: this.ids.last };
  }

  open(): void {
    // A link that was left may still call back.
    const ifOpen =
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A) => {
        if (!this.#closed) run(...args);
      };
    this.#connection.open({
      opened: ifOpen((session: SessionInfo) => this.#opened(session)),
      interrupted: ifOpen(() => this.#interrupted()),
      restored: ifOpen(() => this.#restored()),
      renewed: ifOpen(() => this.#sendConnect()),
      received: ifOpen((data: unknown) => this.#received(data)),
      failed: ifOpen((error: Error) => this.listener.failed(error)),
      acknowledged: () => (this.#connected ? (this.#neededFrom ?? this.#sequence.last) : 0),
    });
  }

  send(data: SendData, receipt: (receipt: Receipt) => void): void {
    this.#connection.publish(`${this.#root}/bridge`, data, (outcome) => {
      this.#noteRefusal(receiptError(outcome));
      receipt(outcome);
    });
  }

  control(command: ControlCommand): Promise<AnswerOk> {
    const correlationId = this.ids.next();
    const answer = this.#controls.ask(command.type, correlationId, this.timers, (receipt) =>
      this.#control({ ...command, correlationId }, receipt),
    );
    answer.catch((error: unknown) => this.#noteRefusal(error));
    return answer;
  }

  batch(run: () => void): void {
    this.#connection.batch(run);
  }

  failControls(error: () => LongspanError): void {
    this.#controls.failAll(error);
  }

  wake(): void {
    this.#connection.wake();
  }

  drop(): void {
    this.#connection.drop();
  }

  /** Stops calling the listener; messages in flight still get their receipts. */
  leave(): void {
    this.#closed = true;
    this.#forgetPendingConnect();
  }

  /**
   * Closes the connection. With `goodbye` the bridge is told not to retain the session. Messages
   * are received until then.
   */
  close(goodbye = false): Promise<void> {
    if (goodbye && this.#connected) {
      const data = { type: "disconnect", correlationId: this.ids.next() };
      this.#control(data, () => undefined);
    }
    this.#forgetPendingConnect();
    return this.#connection.close().finally(() => this.leave());
  }

  #control(data: object, receipt: (receipt: Receipt) => void): void {
    this.#connection.publish(`${this.#root}/control`, data, receipt);
  }

  /**
   * Connects again if the bridge does not have the client in this session. It may not have it while
   * the pending `connect` waits for the broker, because that could not resume.
   */
  #noteRefusal(error: unknown): void {
    if (this.#closed || !(error instanceof RefusedError) || error.bridgeCode !== "notConnected")
      return;
    this.listener.interrupted();
    if (!this.#pendingConnect && !this.#down) this.#sendConnect();
  }

  #opened(session: SessionInfo): void {
    this.#root = session.root;
    if (this.#token !== undefined && session.user !== this.#user) this.#token = undefined;
    if (this.#token === undefined) {
      this.ids.begin(session.clientId);
      this.#sequence.restart(0);
    }
    this.#session = session;
    this.#user = session.user;
    this.#connected = false;
    this.#down = false;
    this.#unansweredConnects.clear();
    this.#neededFrom = undefined;
    this.listener.interrupted();
    this.#sendConnect();
  }

  #interrupted(): void {
    this.#down = true;
    this.#forgetPendingConnect();
    this.listener.interrupted();
  }

  #restored(): void {
    this.#down = false;
    this.#sendConnect();
  }

  /** Sends `connect`, with `resume` if there is a token; repeats it until it is answered. */
  #sendConnect(): void {
    this.#forgetPendingConnect();
    const id = this.ids.next();
    this.#unansweredConnects.add(id);
    const [oldest = ""] = this.#unansweredConnects;
    if (this.#unansweredConnects.size > MAX_UNANSWERED_CONNECTS)
      this.#unansweredConnects.delete(oldest);
    this.#neededFrom ??= this.#sequence.last;
    const { controlTimeout } = this.settings;
    const late = () =>
      this.#connectFailed(id, new TimedOutError(`No answer in ${controlTimeout} ms`));
    this.#pendingConnect = { id, timer: this.timers.set(late, controlTimeout) };
    const token = this.#token;
    const resume = token === undefined ? {} : { resume: { token, seq: this.#sequence.last } };
    const data = {
      type: "connect",
      correlationId: id,
      protocolVersion: this.#session?.version ?? OLDEST_VERSION,
      ...resume,
    };
    this.#control(data, (receipt) => {
      const error = receiptError(receipt);
      if (error) this.#connectFailed(id, error);
    });
  }

  #connectFailed(id: string, error: LongspanError): void {
    if (this.#pendingConnect?.id !== id) return;
    this.#error = error;
    if (error instanceof RefusedError && !error.temporary) {
      this.listener.failed(error);
      return;
    }
    this.timers.clear(this.#pendingConnect.timer);
    this.#pendingConnect.timer = this.timers.set(() => this.#sendConnect(), this.#backoff.next());
  }

  #forgetPendingConnect(): void {
    if (this.#pendingConnect) this.timers.clear(this.#pendingConnect.timer);
    this.#pendingConnect = undefined;
  }

  #received(data: unknown): void {
    const incoming = decode(data, this.settings.further);
    const seq = isObject(data) && typeof data.seq === "number" ? data.seq : undefined;
    if (incoming.kind === "answer" && this.#unansweredConnects.has(incoming.correlationId)) {
      if (this.#handleConnectAnswer(incoming, seq)) return;
    }
    if (seq === undefined) {
      this.#deliver(incoming);
      return;
    }
    const order = this.#sequence.take(seq, incoming);
    if (order === "overrun") this.listener.overrun();
    else if (order === "hole" && !this.#pendingConnect && !this.#down) this.#sendConnect();
  }

  /**
   * @returns whether the answer decided about the session; otherwise it is handled like other
   *   messages
   */
  #handleConnectAnswer(answer: ControlAnswer, seq: number | undefined): boolean {
    const { correlationId } = answer;
    this.#unansweredConnects.delete(correlationId);
    if (!answer.ok) {
      this.#connectFailed(correlationId, refused(answer));
      // A session in which the client is not connected has a `seq` of its own.
      return !this.#connected;
    }
    // An earlier `connect` counts too, if its answer says that the old session is gone. The others
    // asked for the same session.
    if (answer.resumed === false) this.#unansweredConnects.clear();
    else if (correlationId !== this.#pendingConnect?.id) return false;
    this.#forgetPendingConnect();
    if (answer.resumed === true && this.#mayMissMessages(seq)) {
      this.#sendConnect();
      return false;
    }
    this.#answered(answer, seq);
    return true;
  }

  /**
   * Returns whether messages before the answer may have been lost in transit. If the same messages
   * are missing after another `connect`, the bridge has discarded them and sent a notice.
   */
  #mayMissMessages(seq: number | undefined): boolean {
    const { last } = this.#sequence;
    const doubts = seq !== undefined && seq > last + 1 && this.#missingAfter !== last;
    this.#missingAfter = doubts ? last : undefined;
    return doubts;
  }

  #deliver(incoming: Incoming): void {
    if (this.#closed) return;
    if (incoming.kind === "answer" && this.#controls.settle(incoming)) return;
    this.listener.received(incoming);
  }

  #answered(answer: AnswerOk, seq: number | undefined): void {
    const asked = this.#token !== undefined;
    const resumed = asked && answer.resumed === true;
    if (seq !== undefined) {
      // Without an earlier token there was nothing to resume; what arrived since is valid.
      if (resumed || !asked) this.#sequence.settle(seq);
      else this.#sequence.restart(seq);
    }
    if (this.#closed) return;
    if (asked && !resumed && !this.#connected) this.ids.begin(this.#session?.clientId ?? "");
    const { userRoles, isSysadmin, userUri, bridgeId, limits, resumeToken } = answer;
    this.#token = resumeToken;
    this.#connected = true;
    this.#neededFrom = undefined;
    this.#error = undefined;
    this.#backoff.reset();
    const { sendTimeout } = limits;
    this.#connection.replyTime = sendTimeout === undefined ? 0 : sendTimeout + MARGIN;
    if (resumed) this.#controls.repeat();
    const user = this.#user;
    this.listener.connected(
      {
        user,
        userRoles,
        isSysadmin,
        userUri,
        bridgeId,
        limits,
        resumeToken,
        resumed: answer.resumed,
      },
      resumed,
    );
  }
}
