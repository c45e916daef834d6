import { isObject, stringOf } from "./json.js";
import type { Logger } from "./logger.js";
import type { ResumePoint } from "./line.js";
import type { KeptTopic } from "./topics.js";

/** What a page leaves to the one that is loaded in its place. */
export interface Kept {
  readonly point: ResumePoint;
  readonly topics: readonly KeptTopic[];
}

/**
 * Where a session waits while its page is loaded again: the tab's `sessionStorage`. It is there only between two pages,
 * because a duplicated tab gets a copy, and must not take the session over from the first. A storage that the browser
 * blocks, or that is full, keeps nothing.
 */
export class ReloadStore {
  /** What this page has left, while it may come back. */
  #left: string | undefined;

  constructor(
    private readonly key: string,
    private readonly snapshot: () => Kept | undefined,
    /** The page has come back, and another one has taken its session meanwhile. */
    private readonly taken: () => void,
    private readonly logger: Logger,
  ) {}

  /** Reads and removes what the page before has left. */
  take(): Kept | undefined {
    return read(this.#remove() ?? "null");
  }

  /** From here on a page that ends leaves its session. */
  begin(): void {
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#stay);
  }

  end(): void {
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#stay);
    if (this.#left !== undefined) this.#remove();
    this.#left = undefined;
  }

  readonly #leave = (): void => {
    const kept = this.snapshot();
    if (kept === undefined) return;
    const json = JSON.stringify(kept);
    this.#try(() => {
      sessionStorage.setItem(this.key, json);
      this.#left = json;
    });
  };

  /** A page that the browser has kept comes back as it was, unless another page has been here. */
  readonly #stay = (): void => {
    const left = this.#left;
    this.#left = undefined;
    if (left !== undefined && this.#remove() !== left) this.taken();
  };

  #remove(): string | null {
    return this.#try(() => {
      const json = sessionStorage.getItem(this.key);
      sessionStorage.removeItem(this.key);
      return json;
    });
  }

  #try<T>(use: () => T): T | null {
    try {
      return use();
    } catch (error) {
      this.logger.warn("keepSession: the storage does not work", error);
      return null;
    }
  }
}

/** The storage is the page's: anything may stand there. */
function read(json: string): Kept | undefined {
  try {
    const { point, topics } = JSON.parse(json) as Record<string, unknown>;
    if (!isObject(point) || !Array.isArray(topics)) return undefined;
    const { token, seq, lastId } = point;
    if (typeof token !== "string" || typeof seq !== "number" || typeof lastId !== "string") {
      return undefined;
    }
    return {
      point: { user: stringOf(point.user), token, seq, lastId },
      topics: topics.filter(isObject).map(({ topic, selector, lastSeen, missed }) => ({
        topic: String(topic),
        selector: stringOf(selector),
        lastSeen: stringOf(lastSeen),
        missed: missed === true,
      })),
    };
  } catch {
    return undefined;
  }
}
