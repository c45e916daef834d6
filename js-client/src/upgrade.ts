import { Backoff } from "./backoff.js";
import type { Timers } from "./timers.js";

/** Milliseconds until a transport that did not work is looked at again. */
const FIRST = 2_000;
const LAST = 300_000;

/** Finds out, while a less preferred transport is used, when the preferred one works again. */
export class Upgrade {
  /** Whether it works, as far as is known. */
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

  /** Looks later, unless it does already. */
  begin(): void {
    if (this.#looking || this.ready) return;
    this.#looking = true;
    this.timers.set(() => void this.#look(), this.#backoff.next());
  }

  /** The preferred transport is used. */
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
