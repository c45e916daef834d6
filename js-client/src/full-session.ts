import type { BridgeLink, BridgeLinkListener, ResumePoint } from "./bridge-link.js";
import type { ConnectInfo, Notice, QueuesRevoked } from "./codec.js";
import type { ConnectionFactory } from "./connection.js";
import { Consumers } from "./consumers.js";
import { Deliveries } from "./deliveries.js";
import { ConnectionLostError } from "./errors.js";
import { callSafely, type Events } from "./events.js";
import { FullSubscriptions } from "./full-subscriptions.js";
import type { BridgeMessage } from "./message.js";
import { BridgeMigration } from "./migration.js";
import type { Settings } from "./options.js";
import { ReloadStore, type Kept, type OpenStore, type SessionStore } from "./reload-store.js";
import { Seen } from "./seen.js";
import { Session } from "./session.js";
import type { ClientEvents } from "./status.js";
import type { MessageListener } from "./topics.js";

/**
 * Milliseconds after a reload in which the page must subscribe to its old topics again; the others
 * are unsubscribed.
 */
const TAKE_UP_WITHIN = 10_000;

/**
 * The session of `longspan`: with queues, acknowledgements, presence, the move to another bridge, and
 * the reload of the page.
 */
export class FullSession extends Session {
  readonly subscriptions: FullSubscriptions;
  readonly consumers: Consumers;
  readonly messageListeners = new Set<MessageListener>();
  readonly #deliveries: Deliveries;
  /** Unsolicited messages so far, because two bridges may deliver the same one during a move. */
  readonly #seen = new Seen();
  readonly #moves = this.newBackoff();
  readonly #store: SessionStore | undefined;
  /** The move to another bridge, while this one drains. */
  #migration: BridgeMigration | undefined;
  /** Links that were left, until all messages in flight on them have a receipt. */
  readonly #left = new Set<BridgeLink>();
  #draining = false;
  /** State of the page before a reload, until the bridge has answered. */
  #kept: Kept | undefined;

  constructor(
    settings: Settings,
    connections: ConnectionFactory,
    events: Events<ClientEvents>,
    openStore?: OpenStore,
  ) {
    super(settings, connections, events);
    const { keepSession, logger } = settings;
    const open = keepSession === undefined ? openStore : ReloadStore.opener(keepSession);
    this.#store = open?.(
      () => this.#snapshot(),
      () => this.#beginAnew(),
      logger,
    );
    const deliveries = (this.#deliveries = new Deliveries(this, logger, () => this.idle()));
    const revoked = (event: QueuesRevoked) => events.emit("queuesRevoked", event);
    this.consumers = new Consumers(this, deliveries, logger, this.newBackoff(), revoked);
    const backoff = this.newBackoff();
    this.subscriptions = new FullSubscriptions(this, logger, backoff, events, deliveries, () =>
      this.idle(),
    );
  }

  override async disconnect(): Promise<void> {
    const left = [...this.#left];
    await Promise.all([super.disconnect(), ...left.map((each) => each.close())]);
  }

  protected override begin(): ResumePoint | undefined {
    this.#moves.reset();
    const kept = (this.#kept = this.#store?.take());
    if (kept) this.subscriptions.keep(kept.topics);
    this.#store?.begin();
    return kept?.point;
  }

  protected override idle(): void {
    this.#migration?.tryNow();
  }

  protected override onConnected(info: ConnectInfo, resumed: boolean): void {
    if (this.#kept) this.#takeUp(this.#kept, resumed);
    if (!resumed) this.#draining = false;
    super.onConnected(info, resumed);
    if (this.#draining) this.#startMoving();
  }

  protected override onInterrupted(): void {
    this.#stopMoving();
    super.onInterrupted();
  }

  protected override onOverrun(): void {
    const { names, presences } = this.subscriptions;
    presences.missed(names);
    super.onOverrun();
  }

  protected override onMessage(message: BridgeMessage): void {
    if (message.queue === undefined) super.onMessage(message);
    else this.consumers.dispatch(message, message.delivery ?? "");
  }

  protected override onUnasked(message: BridgeMessage): void {
    if (!this.#seen.add(message.messageId)) return;
    for (const listener of [...this.messageListeners]) {
      callSafely(listener, message, this.settings.logger);
    }
  }

  protected override onNotice(notice: Notice): void {
    const { name, event } = notice;
    const { subscriptions } = this;
    switch (name) {
      case "queuesRevoked":
        this.consumers.end(event);
        return;
      case "presence":
        subscriptions.presences.notice(event);
        return;
      case "presenceEnded":
        subscriptions.endPresence(event.topics);
        this.events.emit(name, event);
        return;
      case "gap":
        subscriptions.presences.missed(event.topics.map(({ topic }) => topic));
    }
    super.onNotice(notice);
    if (name !== "bridgeStatus" || event.status !== "draining") return;
    this.#draining = true;
    if (this.connected) this.#startMoving();
  }

  protected override reset(): void {
    this.#deliveries.lost();
    this.consumers.reset();
    super.reset();
  }

  protected override recreate(): void {
    this.#deliveries.send();
    super.recreate();
    this.consumers.recreate();
  }

  protected override clear(): void {
    this.#stopMoving();
    this.#kept = undefined;
    this.#draining = false;
    this.#deliveries.lost();
    this.consumers.clear();
    super.clear();
    this.#store?.end();
  }

  /** Keeps the topics of the page before a reload for a limited time, until listeners subscribe. */
  #takeUp({ point, acks }: Kept, resumed: boolean): void {
    this.#kept = undefined;
    // Before the page subscribes again, which releases what is not acknowledged.
    if (resumed && acks[0] !== undefined) {
      this.link?.control({ type: "ack", deliveries: acks }).catch(() => undefined);
    }
    this.consumers.inherited = true;
    if (this.link?.user === point.user) {
      this.timers.set(() => this.subscriptions.endKept(), TAKE_UP_WITHIN);
    } else this.subscriptions.endKept();
  }

  #snapshot(): Kept | undefined {
    const point = this.link?.point;
    const acks = this.#deliveries.unconfirmed;
    return point && { point, topics: this.subscriptions.snapshot(), acks };
  }

  #startMoving(): void {
    this.#migration ??= new BridgeMigration({
      timers: this.timers,
      backoff: this.#moves,
      left: this.connectInfo,
      newLink: (listener) => this.newLink(listener),
      isIdle: () =>
        this.connected &&
        this.requests.size === 0 &&
        this.#deliveries.size === 0 &&
        this.subscriptions.idle,
      moved: (...args) => this.#moved(...args),
    });
  }

  #stopMoving(): void {
    this.#migration?.stop();
    this.#migration = undefined;
  }

  #moved(link: BridgeLink, info: ConnectInfo, pushes: readonly BridgeMessage[]): void {
    const left = this.link;
    this.#migration = undefined;
    this.#draining = false;
    this.link = link;
    this.connectInfo = info;
    link.listener = this.linkListener;
    if (left) {
      left.listener = this.#lateListener(left);
      this.#leave(left);
    }
    for (const push of pushes) this.onUnasked(push);
    this.noteTransport();
    this.reset();
    this.recreate();
  }

  /**
   * Starts a new session, because another page has resumed this one. The topics continue in the new
   * session.
   */
  #beginAnew(): void {
    const left = this.link;
    if (!left) return;
    this.#kept = undefined;
    this.#draining = false;
    this.onInterrupted();
    this.requests.failAll(() => new ConnectionLostError("Another page has taken the session"));
    this.link = this.newLink(this.linkListener);
    left.leave();
    this.#leave(left);
    this.link.open();
  }

  /**
   * Listener of a link that was left: only unsolicited messages still count, until the link is
   * closed.
   */
  #lateListener({ ids }: BridgeLink): BridgeLinkListener {
    const ignore = () => undefined;
    return {
      connected: ignore,
      interrupted: ignore,
      received: (incoming) => {
        if (incoming.kind !== "message") return;
        const { message } = incoming;
        const { topic, queue, correlationId = "" } = message;
        if ((topic ?? queue) === undefined && !ids.made(correlationId)) this.onUnasked(message);
      },
      overrun: ignore,
      failed: ignore,
    };
  }

  #leave(link: BridgeLink): void {
    link.failControls(() => new ConnectionLostError("The client has moved to another bridge"));
    this.#left.add(link);
    void this.publishes.settled().then(() => {
      this.#left.delete(link);
      return link.close(true);
    });
  }
}
