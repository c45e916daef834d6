import type { Settings } from "./options.js";
import type { Timers } from "./timers.js";

/** Milliseconds between checks, and the maximum duration of one. */
const INTERVAL = 1_000;
const MAX_CHECK = 1_200;
/**
 * Maximum number of reports per outage, so that a flickering network does not abort each attempt.
 */
const MAX_REPORTS = 5;

/** One check request to the bridge. */
export interface Look {
  /** Whether the bridge has answered at all. */
  readonly answered: Promise<boolean>;
  abort(): void;
}

/**
 * Checks, while there is no connection, whether the bridge is reachable. Without it, an attempt in
 * a long back-off would not notice that the network is back. It sends one small request a second,
 * fewer in a long outage.
 */
export class Scout {
  /**
   * Whether the last check reached the bridge; `undefined` before the first one. False makes the
   * next answer a report.
   */
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
    /** Called when the bridge is reachable again. */
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

  /** Adds jitter, so that clients do not act in step. */
  #later(interval: number, passed = 0): void {
    const wait = interval * (0.5 + this.settings.random() / 2) - passed;
    this.#timer = this.timers.set(() => void this.#next(), Math.max(1, wait));
  }

  async #next(): Promise<void> {
    const { clock, reconnect } = this.settings;
    const look = (this.#look = this.look());
    const began = clock.now();
    const late = this.timers.set(() => look.abort(), MAX_CHECK);
    const answered = await look.answered;
    this.timers.clear(late);
    if (this.#look !== look) return;
    const now = clock.now();
    const outage = (now - this.#since) / 60;
    this.#later(Math.max(INTERVAL, Math.min(reconnect.max, outage)), now - began);
    const report = answered && this.sees === false && this.#reports++ < MAX_REPORTS;
    this.sees = answered;
    if (report) this.found();
  }
}
