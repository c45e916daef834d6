/** In Node.js there is none of it. */
interface Platform {
  readonly document?: { readonly visibilityState?: string };
  readonly addEventListener?: typeof addEventListener;
  readonly removeEventListener?: typeof removeEventListener;
}

const platform: Platform = globalThis;

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
    for (const type of TYPES) platform.addEventListener?.(type, this.#heard, true);
  }

  end(): void {
    for (const type of TYPES) platform.removeEventListener?.(type, this.#heard, true);
  }

  readonly #heard = ({ type }: Event): void => {
    if (type === "offline") this.offline();
    else if (platform.document?.visibilityState !== "hidden") this.wake();
  };
}
