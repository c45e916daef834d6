import { Backoff } from "./backoff.js";
import type { Timers } from "./timers.js";

/** Milliseconds between checks of the preferred transport: the first pause, and the maximum. */
const FIRST = 2_000;
const LAST = 300_000;

/** Detects when the preferred transport works again, while another one is used. */
export class Upgrade {
  /** Whether the preferred transport works, as far as known. */
  ready = false;
  #looking = false;
  readonly #backoff: Backoff;

  constructor(
    private readonly timers: Timers,
    random: () => number,
    private readonly look: () => Promise<boolean>,
    private readonly works: () => void,
  ) {
    this.#backoff = new Backoff(FIRST, LAST, random);
  }

  /** Schedules a check, unless one is pending. */
  begin(): void {
    if (this.#looking || this.ready) return;
    this.#looking = true;
    this.timers.set(() => void this.#look(), this.#backoff.next());
  }

  /** Called when the preferred transport is used. */
  done(): void {
    this.ready = false;
    this.#backoff.reset();
  }

  async #look(): Promise<void> {
    this.ready = await this.look();
    this.#looking = false;
    if (this.ready) this.works();
    else this.begin();
  }
}
