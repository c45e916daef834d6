import { isObject, stringOf } from "./json.js";
import type { Logger } from "./logger.js";
import type { ResumePoint } from "./bridge-link.js";
import type { KeptTopic } from "./topics.js";

/** What a page leaves for the page after a reload. */
export interface Kept {
  readonly point: ResumePoint;
  readonly topics: readonly KeptTopic[];
  /** Handles of deliveries whose acknowledgement the bridge may not have got. */
  readonly acks: readonly string[];
}

/** Keeps a session while no client has it. */
export interface SessionStore {
  /** Removes and returns what the client before has stored. */
  take(): Kept | undefined;
  /** Called when a client begins to connect. */
  begin(): void;
  /** Called when the client has ended. */
  end(): void;
}

/** Opens the store of a client; `taken` tells the client that another one has its session. */
export type OpenStore = (
  snapshot: () => Kept | undefined,
  taken: () => void,
  logger: Logger,
) => SessionStore;

/**
 * Stores the session during a reload, in the tab's `sessionStorage`. The entry exists only between
 * two pages. A duplicated tab gets a copy of the storage and must not take over the session. If the
 * storage is blocked or full, nothing is stored.
 */
export class ReloadStore implements SessionStore {
  /** What this page has stored, while the browser may show it again. */
  #left: string | undefined;

  constructor(
    private readonly key: string,
    private readonly snapshot: () => Kept | undefined,
    /** Called when this page is shown again and another page has taken its session. */
    private readonly taken: () => void,
    private readonly logger: Logger,
  ) {}

  static opener(key: string): OpenStore {
    return (...args) => new ReloadStore(key, ...args);
  }

  /** Removes and returns what the page before has stored. */
  take(): Kept | undefined {
    return read(this.#remove() ?? "null");
  }

  /** Stores the session from now on when the page ends. */
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
    if (!kept) return;
    const json = JSON.stringify(kept);
    this.#try(() => {
      sessionStorage.setItem(this.key, json);
      this.#left = json;
    });
  };

  /**
   * A page from the browser's back-forward cache continues, unless another page has taken the
   * entry.
   */
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

/** Validates the entry: any script of the page may have written it. */
function read(json: string): Kept | undefined {
  try {
    const { point, topics, acks } = JSON.parse(json) as Record<string, unknown>;
    if (!isObject(point) || !Array.isArray(topics)) return undefined;
    const { token, seq, lastId } = point;
    if (typeof token !== "string" || typeof seq !== "number" || typeof lastId !== "string") {
      return undefined;
    }
    return {
      point: { user: stringOf(point.user), token, seq, lastId },
      acks: (acks as unknown[]).map(String),
      topics: topics
        .filter(isObject)
        .map(({ topic, selector, durable, presence, lastSeen, missed }) => ({
          topic: String(topic),
          selector: stringOf(selector),
          durable: stringOf(durable),
          presence: presence === true,
          lastSeen: stringOf(lastSeen),
          missed: missed === true,
        })),
    };
  } catch {
    return undefined;
  }
}
