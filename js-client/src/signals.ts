/** All members are missing in Node.js. */
interface Platform {
  readonly document?: { readonly visibilityState?: string };
  readonly addEventListener?: typeof addEventListener;
  readonly removeEventListener?: typeof removeEventListener;
}

const platform: Platform = globalThis;

const TYPES = ["online", "offline", "pageshow", "visibilitychange", "resume"];

/** Browser events about the network and the life of the page; none elsewhere. */
export class Signals {
  constructor(
    /** Called when the network may be back, or the page is shown again. */
    private readonly wake: () => void,
    private readonly offline: () => void,
  ) {}

  begin(): void {
    // In the capture phase, to receive events of the document as well.
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
