import { isObject, stringOf } from "./json.js";
import type { ResumePoint } from "./line.js";
import type { KeptTopic } from "./topics.js";

/** What a page leaves to the one that is loaded in its place. */
export interface Kept {
  readonly point: ResumePoint;
  readonly topics: readonly KeptTopic[];
}

/**
 * Where a session waits while its page is loaded again: the tab's `sessionStorage`. It is there only between two pages,
 * because a duplicated tab gets a copy, and must not take the session over from the first.
 */
export class ReloadStore {
  constructor(
    private readonly key: string,
    private readonly snapshot: () => Kept | undefined,
  ) {}

  /** Reads and removes what the page before has left. */
  take(): Kept | undefined {
    const json = sessionStorage.getItem(this.key);
    sessionStorage.removeItem(this.key);
    return read(json ?? "null");
  }

  /** From here on a page that ends leaves its session. */
  begin(): void {
    addEventListener("pagehide", this.#leave);
    addEventListener("pageshow", this.#stay);
  }

  end(): void {
    removeEventListener("pagehide", this.#leave);
    removeEventListener("pageshow", this.#stay);
    this.#stay();
  }

  readonly #leave = (): void => {
    const kept = this.snapshot();
    if (kept !== undefined) sessionStorage.setItem(this.key, JSON.stringify(kept));
  };

  /** A page that the browser has kept comes back as it was. */
  readonly #stay = (): void => sessionStorage.removeItem(this.key);
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
