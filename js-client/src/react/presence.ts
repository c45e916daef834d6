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
 * Follows who is present (protocol section 18).
 *
 * @returns a function that ends it
 */
export function watchPresence(
  client: Client,
  topic: string,
  changed: (present: Present) => void,
): () => void {
  let over = false;
  let users: readonly string[] = [];
  const tell = (error?: Error) => {
    if (!over) changed({ users, error });
  };
  const ends = [
    client.on("presence", (event) => {
      if (event.topic !== topic) return;
      users = [...event.users].sort();
      tell();
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
      (_, error) => {
        if (error) tell(error);
      },
    ),
  ];
  return () => {
    over = true;
    for (const end of ends) end();
  };
}
