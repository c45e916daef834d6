import type { Client } from "../client.js";
import { keepSubscribed } from "./subscribed.js";

/** Who is present at a topic. */
export interface Present {
  /** The names of the users, sorted. */
  readonly users: readonly string[];
  /** Why it is unknown. */
  readonly error: Error | undefined;
}

/**
 * Follows who is present: subscribes, asks, and applies the changes (protocol section 18).
 *
 * @returns a function that ends it
 */
export function watchPresence(
  client: Client,
  topic: string,
  changed: (present: Present) => void,
): () => void {
  let over = false;
  const users = new Set<string>();
  /** Changes since the bridge was asked, which its answer may not have. */
  let since: (() => void)[] | undefined;
  const tell = (error?: Error) => {
    if (!over) changed({ users: [...users].sort(), error });
  };
  const ask = async () => {
    const later = (since = []);
    try {
      const present = await client.presence(topic);
      if (since !== later) return;
      users.clear();
      for (const user of present.users) users.add(user);
      for (const apply of later as (() => void)[]) apply();
      tell();
    } catch (error) {
      tell(error as Error);
    }
  };
  const ends = [
    client.on("presence", ({ topic: of, joined, left }) => {
      if (of !== topic) return;
      const apply = () => {
        for (const user of joined) users.add(user);
        for (const user of left) users.delete(user);
      };
      since?.push(apply);
      apply();
      tell();
    }),
    client.on("gap", ({ topics }) => {
      if (topics.some((each) => each.topic === topic)) void ask();
    }),
    client.on("presenceEnded", ({ topics, reason }) => {
      if (topics.includes(topic))
        tell(new Error(`The presence of ${topic} was revoked: ${reason}`));
    }),
    keepSubscribed(
      client,
      topic,
      { selector: undefined, durable: undefined, presence: true },
      () => undefined,
      (active, error) => {
        if (active) void ask();
        else if (error !== undefined) tell(error);
      },
    ),
    // What has changed while there was no connection was not told.
    client.on("status", ({ status, previous }) => {
      if (status === "connected" && previous === "reconnecting") void ask();
    }),
  ];
  return () => {
    over = true;
    for (const end of ends) end();
  };
}
