import type { Settings } from "./options.js";
import type { Timers } from "./timers.js";

/** Milliseconds from one look to the next, and the longest that one may take. */
const INTERVAL = 1_000;
const LONGEST = 1_200;
/** How often it may report in one outage, so that a network that flickers does not end each attempt. */
const MOST_REPORTS = 5;

/** One request to the bridge. */
export interface Look {
  /** Whether the bridge has answered, with whatever. */
  readonly answered: Promise<boolean>;
  abort(): void;
}

/**
 * Looks, while there is no connection, whether the bridge can be reached: an attempt to connect may be in the middle of
 * a long wait just when the network comes back. One small request a second, and fewer in a long outage.
 */
export class Scout {
  /** Whether the last look found the bridge; `undefined`: there was none yet. */
  sees: boolean | undefined;
  #active = false;
  #look: Look | undefined;
  #timer = 0;
  #since = 0;
  #reports = 0;

  constructor(
    private readonly settings: Settings,
    private readonly timers: Timers,
    private readonly look: () => Look,
    /** The bridge can be reached again. */
    private readonly found: () => void,
  ) {}

  begin(): void {
    if (this.#active) return;
    this.#active = true;
    this.#since = this.settings.clock.now();
    this.#later(INTERVAL);
  }

  end(): void {
    this.#active = false;
    this.#look?.abort();
    this.#look = undefined;
    this.timers.clear(this.#timer);
    this.sees = undefined;
    this.#reports = 0;
  }

  /** Not all clients in step. */
  #later(interval: number, passed = 0): void {
    const wait = interval * (0.5 + this.settings.random() / 2) - passed;
    this.#timer = this.timers.set(() => void this.#next(), Math.max(1, wait));
  }

  async #next(): Promise<void> {
    const { clock, reconnect } = this.settings;
    const look = (this.#look = this.look());
    const began = clock.now();
    const late = this.timers.set(() => look.abort(), LONGEST);
    const answered = await look.answered;
    this.timers.clear(late);
    if (this.#look !== look) return;
    const now = clock.now();
    const outage = (now - this.#since) / 60;
    this.#later(Math.max(INTERVAL, Math.min(reconnect.max, outage)), now - began);
    const report = answered && this.sees === false && this.#reports++ < MOST_REPORTS;
    this.sees = answered;
    if (report) this.found();
  }
}
