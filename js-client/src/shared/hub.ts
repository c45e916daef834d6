import { LongspanClient } from "../client.js";
import { AuthenticationError, ConnectionLostError } from "../errors.js";
import type { ClientOptions } from "../options.js";
import type { OpenStore } from "../reload-store.js";
import type { ClientEvents } from "../status.js";
import { HubTab, type Post } from "./hub-tab.js";
import { subjectOf } from "./identity.js";
import type { HubState, ToHub } from "./wire.js";

type Opening = Extract<ToHub, { is: "open" }>;

/** Creates the client of a session. `openStore` keeps its session for the next leader. */
export type MakeClient = (options: ClientOptions, openStore?: OpenStore) => LongspanClient;

const EVENTS: readonly (keyof ClientEvents)[] = [
  "status",
  "transport",
  "bridgeStatus",
  "revoked",
  "queuesRevoked",
  "gap",
  "presence",
  "presenceEnded",
];

/**
 * Has the connections of all tabs of an origin: one for each user and each set of options. It runs
 * in a `SharedWorker`, or in the tab that leads.
 */
export class Hub {
  readonly #sessions = new Map<string, HubSession>();

  constructor(
    /** For the sessions of the leader before. */
    private readonly storeOf: (key: string) => OpenStore | undefined = () => undefined,
    private readonly makeClient: MakeClient = (options, openStore) =>
      new LongspanClient(options, undefined, openStore),
  ) {}

  /** Begins to serve a tab; the result gets what the tab sends. */
  attach(post: Post): HubTab {
    return new HubTab(this, post);
  }

  /** Returns the session for a tab. Another user, or other options, is another session. */
  join(opening: Opening, tab: HubTab): HubSession {
    const { user, options, hasToken, subject } = opening;
    const key = JSON.stringify([user, options, hasToken, subject]);
    let session = this.#sessions.get(key);
    if (!session) {
      const ended = () => {
        if (this.#sessions.get(key) === session) this.#sessions.delete(key);
      };
      session = new HubSession(key, opening, this.makeClient, this.storeOf(key), ended);
      this.#sessions.set(key, session);
    }
    session.tabs.add(tab);
    return session;
  }

  /** Ends all sessions. */
  close(): void {
    for (const { client } of [...this.#sessions.values()]) void client.disconnect();
  }
}

/** One client, and the tabs that use it. It ends with the last tab, and when its client fails. */
export class HubSession {
  readonly client: LongspanClient;
  readonly tabs = new Set<HubTab>();

  constructor(
    readonly key: string,
    private readonly opening: Opening,
    makeClient: MakeClient,
    openStore: OpenStore | undefined,
    private readonly ended: () => void,
  ) {
    const { options, hasToken } = opening;
    const token = hasToken ? { token: () => this.#token() } : {};
    this.client = makeClient({ ...options, ...token }, openStore);
    this.client.on("status", () => this.#checkUser());
    for (const name of EVENTS) {
      this.client.on(name, (event) => {
        for (const tab of [...this.tabs]) tab.happened(name, event);
        if (this.client.status === "disconnected") this.#end();
      });
    }
    this.client.addMessageListener((message) => {
      for (const tab of [...this.tabs]) tab.unasked(message);
    });
  }

  get state(): HubState {
    const { status, transport, info } = this.client;
    return { status, transport, info };
  }

  leave(tab: HubTab): void {
    this.tabs.delete(tab);
    if (this.tabs.size > 0) return;
    this.#end();
    void this.client.disconnect();
  }

  /** A cookie or a token may have become another user's since the tab asked who its user is. */
  #checkUser(): void {
    const { user } = this.client.info ?? {};
    if (this.client.status !== "connected" || user === undefined) return;
    const { user: asked } = this.opening;
    if (asked === "" || asked === user) return;
    const error = new AuthenticationError("The user of this browser is another one now");
    for (const tab of [...this.tabs]) tab.failed(error);
    this.#end();
    void this.client.disconnect();
  }

  #end(): void {
    this.ended();
    this.tabs.clear();
  }

  /** Asks the tabs for a token, one after the other. */
  async #token(): Promise<string> {
    let problem: unknown = new ConnectionLostError("There is no tab that has a token");
    for (const tab of [...this.tabs]) {
      try {
        const token = String(await tab.token());
        const now = subjectOf(token);
        if (now === undefined || now === this.opening.subject) return token;
        problem = new AuthenticationError("The token of this tab is another user's now");
        tab.failed(problem as AuthenticationError);
        this.leave(tab);
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }
}
