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
import { receiptError, refused, type ControlCommand } from "./outbox.js";
import type { SendData } from "./sends.js";
import { Sequence } from "./sequence.js";
import type { Timers } from "./timers.js";

const PROTOCOL_VERSION = "1.1";

/** Milliseconds by which the bridge's reply may come later than the bridge's own time-out. */
const MARGIN = 2_000;

/** How many of them may be answered yet. */
const MOST_HELLOS = 20;

export interface LineListener {
  /** The bridge has this client. `resumed`: all that was open goes on; otherwise nothing of before exists there. */
  taken(info: ConnectInfo, resumed: boolean): void;
  /** The network or the session is gone; `taken` or `failed` follows. */
  interrupted(): void;
  received(incoming: Incoming): void;
  /** Messages may be missing that will not come any more. */
  overrun(): void;
  /** The connection has given up; nothing more will come. */
  failed(error: Error): void;
}

/** What takes a session over: from the line before the page was loaded again. */
export interface ResumePoint {
  readonly user: string | undefined;
  readonly token: string;
  readonly seq: number;
  /** The last correlation id that was made. */
  readonly lastId: string;
}

/**
 * One connection to a bridge: asks it to take this client, in each session and whenever something may have been lost, by
 * `connect` with `resume`; and gives out what arrives, each message once and in order.
 */
export class Line {
  readonly ids = new CorrelationIds();
  readonly #connection: Connection;
  readonly #controls: Controls;
  readonly #sequence: Sequence<Incoming>;
  readonly #backoff: Backoff;
  #root = "";
  #session: SessionInfo | undefined;
  #user: string | undefined;
  /** Takes the session over; the bridge gave it. */
  #token: string | undefined;
  /** Whether the bridge has taken this client in the present session. */
  #taken = false;
  /** The `connect` whose answer is waited for, and what happens if it does not come. */
  #hello: { readonly id: string; timer: number } | undefined;
  /** All of this session that have no answer yet. */
  readonly #hellos = new Set<string>();
  /** The bridge still needs what follows this number, for those. */
  #neededFrom: number | undefined;
  /** The network is gone; what is missing is asked for once it is back. */
  #down = false;
  /** The number after which something was missing when the bridge had answered last. */
  #doubted: number | undefined;
  #closed = false;
  #error: Error | undefined;

  constructor(
    private readonly settings: Settings,
    connections: ConnectionFactory,
    private readonly timers: Timers,
    public listener: LineListener,
    point?: ResumePoint,
  ) {
    const { initial, max } = settings.reconnect;
    this.#backoff = new Backoff(initial, max, settings.random);
    this.#controls = new Controls(settings.controlTimeout);
    this.#sequence = new Sequence((incoming) => this.#give(incoming));
    this.#user = point?.user;
    this.#token = point?.token;
    if (point !== undefined) {
      this.#sequence.restart(point.seq);
      this.ids.restore(point.lastId);
    }
    this.#connection = connections(settings);
  }

  /** Why it is not connected, for people. */
  get problem(): Error | string | undefined {
    return this.#error ?? this.#connection.problem;
  }

  get transport(): TransportName | undefined {
    return this.#connection.transport;
  }

  /** Whose session it is. */
  get user(): string | undefined {
    return this.#user;
  }

  /** From where a later line could go on. */
  get point(): ResumePoint | undefined {
    const token = this.#token;
    const user = this.#user;
    if (token === undefined) return undefined;
    return { user, token, seq: this.#sequence.last, lastId: this.ids.last };
  }

  open(): void {
    // A line that was left may still have something to say.
    const ifOpen =
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A) => {
        if (!this.#closed) run(...args);
      };
    this.#connection.open({
      opened: ifOpen((session: SessionInfo) => this.#opened(session)),
      interrupted: ifOpen(() => this.#interrupted()),
      restored: ifOpen(() => this.#restored()),
      renewed: ifOpen(() => this.#greet()),
      received: ifOpen((data: unknown) => this.#received(data)),
      failed: ifOpen((error: Error) => this.listener.failed(error)),
      taken: () => (this.#taken ? (this.#neededFrom ?? this.#sequence.last) : 0),
    });
  }

  send(data: SendData, receipt: (receipt: Receipt) => void): void {
    this.#connection.publish(`${this.#root}/bridge`, data, receipt);
  }

  control(command: ControlCommand): Promise<AnswerOk> {
    const correlationId = this.ids.next();
    return this.#controls.ask(command.type, correlationId, this.timers, (receipt) =>
      this.#control({ ...command, correlationId }, receipt),
    );
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

  /** Hears no more; what it has sent still gets its receipt. */
  leave(): void {
    this.#closed = true;
    this.#forgetHello();
  }

  /** Ends the session; `goodbye` tells the bridge that it need not be kept. What comes until then is heard. */
  close(goodbye = false): Promise<void> {
    if (goodbye && this.#taken) {
      const data = { type: "disconnect", correlationId: this.ids.next() };
      this.#control(data, () => undefined);
    }
    this.#forgetHello();
    return this.#connection.close().finally(() => this.leave());
  }

  #control(data: object, receipt: (receipt: Receipt) => void): void {
    this.#connection.publish(`${this.#root}/control`, data, receipt);
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
    this.#taken = false;
    this.#down = false;
    this.#hellos.clear();
    this.#neededFrom = undefined;
    this.listener.interrupted();
    this.#greet();
  }

  #interrupted(): void {
    this.#down = true;
    this.#forgetHello();
    this.listener.interrupted();
  }

  #restored(): void {
    this.#down = false;
    this.#greet();
  }

  /** Asks the bridge to take this client and to send what was missed; again and again until there is an answer. */
  #greet(): void {
    this.#forgetHello();
    const id = this.ids.next();
    this.#hellos.add(id);
    const [oldest = ""] = this.#hellos;
    if (this.#hellos.size > MOST_HELLOS) this.#hellos.delete(oldest);
    this.#neededFrom ??= this.#sequence.last;
    const { controlTimeout } = this.settings;
    const late = () => this.#notTaken(id, new TimedOutError(`No answer in ${controlTimeout} ms`));
    this.#hello = { id, timer: this.timers.set(late, controlTimeout) };
    const token = this.#token;
    const resume = token === undefined ? {} : { resume: { token, seq: this.#sequence.last } };
    const data = {
      type: "connect",
      correlationId: id,
      protocolVersion: PROTOCOL_VERSION,
      ...resume,
    };
    this.#control(data, (receipt) => {
      const error = receiptError(receipt);
      if (error !== undefined) this.#notTaken(id, error);
    });
  }

  #notTaken(id: string, error: LongspanError): void {
    if (this.#hello?.id !== id) return;
    this.#error = error;
    if (error instanceof RefusedError && !error.temporary) {
      this.listener.failed(error);
      return;
    }
    this.timers.clear(this.#hello.timer);
    this.#hello.timer = this.timers.set(() => this.#greet(), this.#backoff.next());
  }

  #forgetHello(): void {
    if (this.#hello !== undefined) this.timers.clear(this.#hello.timer);
    this.#hello = undefined;
  }

  #received(data: unknown): void {
    const incoming = decode(data);
    const seq = isObject(data) && typeof data.seq === "number" ? data.seq : undefined;
    if (incoming.kind === "answer" && this.#hellos.has(incoming.correlationId)) {
      if (this.#heeds(incoming, seq)) return;
    }
    if (seq === undefined) {
      this.#give(incoming);
      return;
    }
    const order = this.#sequence.take(seq, incoming);
    if (order === "overrun") this.listener.overrun();
    else if (order === "hole" && this.#hello === undefined && !this.#down) this.#greet();
  }

  /** @returns whether it was an answer by which the session stands or falls; otherwise it is a message like others */
  #heeds(answer: ControlAnswer, seq: number | undefined): boolean {
    const { correlationId } = answer;
    this.#hellos.delete(correlationId);
    if (!answer.ok) {
      this.#notTaken(correlationId, refused(answer));
      // What a session has that has not taken this client has numbers of its own.
      return !this.#taken;
    }
    const isLast = correlationId === this.#hello?.id;
    // An earlier one counts too where nothing of before exists any more.
    if (!isLast && answer.resumed !== false) return false;
    if (isLast) this.#forgetHello();
    if (answer.resumed === true && this.#doubts(seq)) {
      this.#greet();
      return false;
    }
    this.#answered(answer, seq);
    return true;
  }

  /**
   * Whether something is missing before the answer that may have been lost on its way, as on a connection that broke
   * just then. What is missing after another asking too, the bridge has dropped, and said so.
   */
  #doubts(seq: number | undefined): boolean {
    const { last } = this.#sequence;
    const doubts = seq !== undefined && seq > last + 1 && this.#doubted !== last;
    this.#doubted = doubts ? last : undefined;
    return doubts;
  }

  #give(incoming: Incoming): void {
    if (this.#closed) return;
    if (incoming.kind === "answer" && this.#controls.settle(incoming)) return;
    this.listener.received(incoming);
  }

  #answered(answer: AnswerOk, seq: number | undefined): void {
    const asked = this.#token !== undefined;
    const resumed = asked && answer.resumed === true;
    if (seq !== undefined) {
      // Nothing can have been asked for before the first token; what came since is not void.
      if (resumed || !asked) this.#sequence.settle(seq);
      else this.#sequence.restart(seq);
    }
    if (this.#closed) return;
    if (asked && !resumed && !this.#taken) this.ids.begin(this.#session?.clientId ?? "");
    const { userRoles, isSysadmin, userUri, bridgeId, limits, resumeToken } = answer;
    this.#token = resumeToken;
    this.#taken = true;
    this.#neededFrom = undefined;
    this.#error = undefined;
    this.#backoff.reset();
    const { sendTimeout } = limits;
    this.#connection.replyTime = sendTimeout === undefined ? 0 : sendTimeout + MARGIN;
    if (resumed) this.#controls.repeat();
    this.listener.taken(
      { userRoles, isSysadmin, userUri, bridgeId, limits, resumeToken, resumed: answer.resumed },
      resumed,
    );
  }
}
