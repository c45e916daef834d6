import { decodeBayeuxError, type Presence, type PresenceChange } from "./codec.js";
import { RefusedError } from "./errors.js";
import type { SessionPort } from "./session-port.js";

/** Who is present on a topic that was subscribed with `presence`. */
export interface PresenceEvent extends PresenceChange {
  /** Everybody who is present now. */
  readonly users: readonly string[];
}

interface Watched {
  users: ReadonlySet<string>;
  /** The notices since the last question, until it is answered. */
  waiting: PresenceChange[] | undefined;
  /** Whether the next answer is told even if it changes nothing. */
  awaited: boolean;
}

/** Asks who is present on a topic. */
export async function askPresence(session: SessionPort, topic: string): Promise<Presence> {
  const answer = await session.control({ type: "presence", topics: [topic] });
  const [error] = answer.topicErrors;
  if (error !== undefined) {
    const { code, message } = decodeBayeuxError(error);
    throw new RefusedError(code, message, answer.topicTemporary[0] === true);
  }
  return answer.present?.[0] ?? { topic, clients: 0, users: [] };
}

/** The topics of which this client is told who is present. */
export class Presences {
  readonly #topics = new Map<string, Watched>();

  constructor(
    private readonly session: SessionPort,
    private readonly changed: (event: PresenceEvent) => void,
  ) {}

  /** Begins with a topic that is subscribed, or asks again because notices may be missing. */
  watch(topic: string): void {
    const watched = this.#topics.get(topic) ?? {
      users: new Set(),
      waiting: undefined,
      awaited: true,
    };
    this.#topics.set(topic, watched);
    void this.#ask(topic, watched);
  }

  /** Asks again for one more listener, who is told in any case. */
  tell(topic: string): void {
    const watched = this.#topics.get(topic);
    if (!watched) return;
    watched.awaited = true;
    void this.#ask(topic, watched);
  }

  end(topic: string): void {
    this.#topics.delete(topic);
  }

  notice(notice: PresenceChange): void {
    const watched = this.#topics.get(notice.topic);
    if (!watched) return;
    if (watched.waiting) watched.waiting.push(notice);
    else this.#set(notice.topic, watched, apply(watched.users, notice));
  }

  /** Asks again about those of the topics that are watched. */
  missed(topics: readonly string[]): void {
    for (const topic of topics) if (this.#topics.has(topic)) this.watch(topic);
  }

  async #ask(topic: string, watched: Watched): Promise<void> {
    // The answer includes an unknown number of these notices; a notice has no effect twice.
    const waiting = (watched.waiting = [] as PresenceChange[]);
    try {
      const { users } = await askPresence(this.session, topic);
      if (watched.waiting !== waiting) return;
      watched.waiting = undefined;
      const { awaited } = watched;
      watched.awaited = false;
      this.#set(topic, watched, waiting.reduce(apply, new Set(users)), awaited);
    } catch {
      // The topic is subscribed again in the next session, and after a gap this is asked again.
      if (watched.waiting !== waiting) return;
      watched.waiting = undefined;
      this.#set(topic, watched, waiting.reduce(apply, watched.users));
    }
  }

  #set(topic: string, watched: Watched, users: ReadonlySet<string>, always = false): void {
    const before = watched.users;
    watched.users = users;
    if (this.#topics.get(topic) !== watched) return;
    const joined = [...users].filter((user) => !before.has(user));
    const left = [...before].filter((user) => !users.has(user));
    if (always || joined.length + left.length > 0) {
      this.changed({ topic, users: [...users], joined, left });
    }
  }
}

function apply(users: ReadonlySet<string>, { joined, left }: PresenceChange): Set<string> {
  const after = new Set([...users, ...joined]);
  for (const user of left) after.delete(user);
  return after;
}
