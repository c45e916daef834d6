const TYPES = ["online", "offline", "pageshow", "visibilitychange", "resume"];

/** What a browser tells about its network and the page's life; elsewhere nothing is told. */
export class Signals {
  constructor(
    /** The network may be back, or the page has been away. */
    private readonly wake: () => void,
    private readonly offline: () => void,
  ) {}

  begin(): void {
    // While it is captured, so that what is told to the document is heard too.
    for (const type of TYPES) globalThis.addEventListener?.(type, this.#heard, true);
  }

  end(): void {
    for (const type of TYPES) globalThis.removeEventListener?.(type, this.#heard, true);
  }

  readonly #heard = ({ type }: Event): void => {
    const { document } = globalThis as { document?: { visibilityState?: string } };
    if (type === "offline") this.offline();
    else if (document?.visibilityState !== "hidden") this.wake();
  };
}
