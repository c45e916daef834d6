import type { Kept, OpenStore } from "../reload-store.js";
import { messageOf, type FromHub } from "./wire.js";

/** How far a session has come, told with each message of the leader. */
export interface Mark {
  readonly key: string;
  readonly seq: number;
  /** In full where anything but the position has changed. */
  readonly kept: Kept | undefined;
}

/**
 * What the next leader needs to resume the sessions of this one, as after a reload of a page. Each
 * tab follows what the leader tells all of them, because any of them may be the next.
 */
export class Inheritance {
  /** Of the sessions that this tab has as the leader. */
  readonly #snapshots = new Map<string, () => Kept | undefined>();
  /** What the others know of them. */
  readonly #told = new Map<string, string>();
  /** Of the sessions that the leader has. */
  readonly #kept = new Map<string, Kept>();

  /** Tells everything again, because a tab has joined. */
  tellAnew(): void {
    this.#told.clear();
  }

  mark(key: string | undefined): Mark | undefined {
    const kept = this.#snapshots.get(key ?? "")?.();
    if (key === undefined || !kept) return undefined;
    const { point, topics } = kept;
    const told = JSON.stringify([point.token, topics.map(({ topic }) => topic)]);
    const isNew = this.#told.get(key) !== told;
    this.#told.set(key, told);
    return { key, seq: point.seq, kept: isNew ? kept : undefined };
  }

  observe({ key, seq, kept = this.#kept.get(key) }: Mark, message: FromHub): void {
    if (!kept) return;
    const { subscription, messageId, snapshot } =
      message.is === "message" ? messageOf(message.message) : {};
    const topics = kept.topics.map((each) =>
      each.topic === subscription && snapshot === false ? { ...each, lastSeen: messageId } : each,
    );
    this.#kept.set(key, { ...kept, point: { ...kept.point, seq }, topics });
  }

  /** The store of a session of this tab, as the leader. */
  storeOf(key: string): OpenStore {
    return (snapshot) => ({
      take: () => {
        const kept = this.#kept.get(key);
        this.#kept.delete(key);
        return kept;
      },
      begin: () => void this.#snapshots.set(key, snapshot),
      end: () => {
        this.#snapshots.delete(key);
        this.#told.delete(key);
      },
    });
  }
}
