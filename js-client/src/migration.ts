import type { Backoff } from "./backoff.js";
import type { ConnectInfo } from "./codec.js";
import type { BridgeLink, BridgeLinkListener } from "./bridge-link.js";
import type { BridgeMessage } from "./message.js";
import type { Timers } from "./timers.js";

/** Maximum number of messages that are retained during a move. */
const MAX_PUSHES = 1_000;

/** What a move needs from its session. */
export interface MigrationHost {
  readonly timers: Timers;
  readonly backoff: Backoff;
  /** The answer of the draining bridge to `connect`. */
  readonly left: ConnectInfo | undefined;
  newLink(listener: BridgeLinkListener): BridgeLink;
  /** Whether no request or subscription is in flight that a move would lose. */
  isIdle(): boolean;
  /**
   * Called when the new link is connected; the session owns it from then on. `pushes` are the
   * unsolicited messages on it so far. The old link may not deliver them any more.
   */
  moved(link: BridgeLink, info: ConnectInfo, pushes: readonly BridgeMessage[]): void;
}

/**
 * Moves a client from a draining bridge to another one. It connects there while the old link
 * continues, with as many attempts as necessary. It changes over as soon as nothing is in flight.
 */
export class BridgeMigration {
  #link: BridgeLink | undefined;
  #info: ConnectInfo | undefined;
  #timer = 0;
  #pushes: BridgeMessage[] = [];

  constructor(private readonly host: MigrationHost) {
    // Spreads the clients over time.
    this.#tryLater();
  }

  tryNow(): void {
    const link = this.#link;
    const info = this.#info;
    if (!link || !info || !this.host.isIdle()) return;
    this.#link = undefined;
    this.host.moved(link, info, this.#pushes);
  }

  stop(): void {
    this.host.timers.clear(this.#timer);
    this.#link?.leave();
    void this.#link?.close(true);
    this.#link = undefined;
    this.#info = undefined;
    this.#pushes = [];
  }

  #tryLater(): void {
    this.stop();
    this.#timer = this.host.timers.set(() => this.#connect(), this.host.backoff.next());
  }

  #connect(): void {
    const link = (this.#link = this.host.newLink({
      connected: (info) => {
        const { bridgeId, user } = this.host.left ?? {};
        // Another user, by another cookie, would get the subscriptions of this one.
        if ((info.bridgeId !== undefined && info.bridgeId === bridgeId) || info.user !== user) {
          this.#tryLater();
          return;
        }
        this.#info = info;
        this.tryNow();
      },
      interrupted: () => (this.#info = undefined),
      received: (incoming) => {
        // A message for this user also arrives over the old link, unless that is closed before.
        if (incoming.kind === "message") this.#keep(incoming.message);
        if (incoming.kind !== "notice" || incoming.name !== "bridgeStatus") return;
        if (incoming.event.status === "draining") this.#tryLater();
      },
      overrun: () => undefined,
      failed: () => this.#tryLater(),
    }));
    link.open();
  }

  #keep(message: BridgeMessage): void {
    // Without an id, a duplicate from the old link could not be recognised.
    if (message.messageId === undefined) return;
    if (this.#pushes.push(message) > MAX_PUSHES) this.#pushes.shift();
  }
}
