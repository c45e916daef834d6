import type { Backoff } from "./backoff.js";
import type { ConnectInfo } from "./codec.js";
import type { Line, LineListener } from "./line.js";
import type { Timers } from "./timers.js";

/** What a move needs of the session that moves. */
export interface Moving {
  readonly timers: Timers;
  readonly backoff: Backoff;
  /** The id of the bridge that drains. */
  readonly left: string | undefined;
  newLine(listener: LineListener): Line;
  /** Whether nothing is open that would be lost. */
  isIdle(): boolean;
  /** The new line is connected, and the session's own from here on. */
  moved(line: Line, info: ConnectInfo): void;
}

/**
 * The way from a bridge that is being stopped to another one: connects there while the old line goes on, as often as it
 * takes, and changes over at the first moment at which nothing is open.
 */
export class Move {
  #line: Line | undefined;
  #info: ConnectInfo | undefined;
  #timer = 0;

  constructor(private readonly moving: Moving) {
    // Not all clients at once.
    this.#tryLater();
  }

  tryNow(): void {
    const line = this.#line;
    const info = this.#info;
    if (line === undefined || info === undefined || !this.moving.isIdle()) return;
    this.#line = undefined;
    this.moving.moved(line, info);
  }

  stop(): void {
    this.moving.timers.clear(this.#timer);
    void this.#line?.close(true);
    this.#line = undefined;
    this.#info = undefined;
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
      // What is meant for this user comes over the old line as well.
      received: (incoming) => {
        if (incoming.kind !== "notice" || incoming.type !== "bridgeStatus") return;
        if (incoming.status === "draining") this.#tryLater();
      },
      overrun: () => undefined,
      failed: () => this.#tryLater(),
    }));
    line.open();
  }
}
