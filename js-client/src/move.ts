import type { Backoff } from "./backoff.js";
import type { ConnectInfo } from "./codec.js";
import type { Line, LineListener } from "./line.js";
import type { BridgeMessage } from "./message.js";
import type { Timers } from "./timers.js";

/** Maximum number of messages that are retained during a move. */
const MOST_PUSHES = 1_000;

/** What a move needs from its session. */
export interface Moving {
  readonly timers: Timers;
  readonly backoff: Backoff;
  /** The id of the draining bridge. */
  readonly left: string | undefined;
  newLine(listener: LineListener): Line;
  /** Whether no request or subscription is in flight that a move would lose. */
  isIdle(): boolean;
  /**
   * Called when the new line is connected; the session owns it from then on. `pushes` are the
   * unsolicited messages on it so far. The old line may not deliver them any more.
   */
  moved(line: Line, info: ConnectInfo, pushes: readonly BridgeMessage[]): void;
}

/**
 * Moves a client from a draining bridge to another one. It connects there while the old line
 * continues, with as many attempts as necessary. It changes over as soon as nothing is in flight.
 */
export class Move {
  #line: Line | undefined;
  #info: ConnectInfo | undefined;
  #timer = 0;
  #pushes: BridgeMessage[] = [];

  constructor(private readonly moving: Moving) {
    // Spreads the clients over time.
    this.#tryLater();
  }

  tryNow(): void {
    const line = this.#line;
    const info = this.#info;
    if (line === undefined || info === undefined || !this.moving.isIdle()) return;
    this.#line = undefined;
    this.moving.moved(line, info, this.#pushes);
  }

  stop(): void {
    this.moving.timers.clear(this.#timer);
    this.#line?.leave();
    void this.#line?.close(true);
    this.#line = undefined;
    this.#info = undefined;
    this.#pushes = [];
  }

  #tryLater(): void {
    this.stop();
    this.#timer = this.moving.timers.set(() => this.#connect(), this.moving.backoff.next());
  }

  #connect(): void {
    const line = (this.#line = this.moving.newLine({
      taken: (info) => {
        if (info.bridgeId !== undefined && info.bridgeId === this.moving.left) {
          this.#tryLater();
          return;
        }
        this.#info = info;
        this.tryNow();
      },
      interrupted: () => (this.#info = undefined),
      received: (incoming) => {
        // A message for this user also arrives over the old line, unless that is closed before.
        if (incoming.kind === "message") this.#keep(incoming.message);
        if (incoming.kind !== "notice" || incoming.type !== "bridgeStatus") return;
        if (incoming.status === "draining") this.#tryLater();
      },
      overrun: () => undefined,
      failed: () => this.#tryLater(),
    }));
    line.open();
  }

  #keep(message: BridgeMessage): void {
    // Without an id, a duplicate from the old line could not be recognised.
    if (message.messageId === undefined) return;
    if (this.#pushes.push(message) > MOST_PUSHES) this.#pushes.shift();
  }
}
