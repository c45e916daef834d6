import type { Backoff } from "./backoff.js";
import type { ConnectInfo } from "./codec.js";
import type { Line, LineListener } from "./line.js";
import type { BridgeMessage } from "./message.js";
import type { Timers } from "./timers.js";

/** How many messages are kept until the old line is left; what is older has come over that. */
const MOST_PUSHES = 1_000;

/** What a move needs of the session that moves. */
export interface Moving {
  readonly timers: Timers;
  readonly backoff: Backoff;
  /** The id of the bridge that drains. */
  readonly left: string | undefined;
  newLine(listener: LineListener): Line;
  /** Whether nothing is open that would be lost. */
  isIdle(): boolean;
  /**
   * The new line is connected, and the session's own from here on. What it has received before, and may not come over
   * the old line any more, is in `pushes`.
   */
  moved(line: Line, info: ConnectInfo, pushes: readonly BridgeMessage[]): void;
}

/**
 * The way from a bridge that is being stopped to another one: connects there while the old line goes on, as often as it
 * takes, and changes over at the first moment at which nothing is open.
 */
export class Move {
  #line: Line | undefined;
  #info: ConnectInfo | undefined;
  #timer = 0;
  #pushes: BridgeMessage[] = [];

  constructor(private readonly moving: Moving) {
    // Not all clients at once.
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
        // What is meant for this user comes over the old line as well, unless that is left before.
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
    // Without an id it could not be told from the one of the old line.
    if (message.messageId === undefined) return;
    if (this.#pushes.push(message) > MOST_PUSHES) this.#pushes.shift();
  }
}
