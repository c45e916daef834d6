/** The public API of `longspan/react`: a client in components. */
import {
  createContext,
  createElement,
  use,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import type { Client } from "./client.js";
import type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
import type { BridgeMessage } from "./message.js";
import { watchPresence, type Present } from "./react/presence.js";
import { Answers } from "./react/answers.js";
import { keepSubscribed } from "./react/subscribed.js";
import type { RequestOptions } from "./requests.js";
import type { Status } from "./status.js";
import type { SubscribeOptions } from "./full-subscriptions.js";

export type { Present } from "./react/presence.js";

export interface ProviderProps<D extends object> {
  readonly client: Client<D>;
  readonly children?: ReactNode;
}

/** What a component knows of a topic. */
export interface TopicState<B> {
  /** The last message; `undefined` before the first one. */
  readonly message: BridgeMessage<B> | undefined;
  /** Whether the topic is subscribed now. */
  readonly active: boolean;
  /** Why it is not, if it was refused or revoked. */
  readonly error: Error | undefined;
}

export interface TopicHookOptions<B> extends Omit<SubscribeOptions, "presence"> {
  /**
   * Called with each message. A component may be rendered less often than messages arrive, so what
   * must see all of them belongs here.
   */
  readonly onMessage?: (message: BridgeMessage<B>) => unknown;
}

export interface RequestState<B> {
  readonly answer: BridgeMessage<B> | undefined;
  readonly error: Error | undefined;
  /** Whether the answer is awaited; an older answer stays until then. */
  readonly pending: boolean;
  /** Sends the request again. */
  readonly reload: () => void;
}

export type RequestHookOptions = Omit<RequestOptions, "signal">;

/** The hooks for a set of destinations. */
export interface Hooks<D extends object> {
  /**
   * Gives the client to all components inside, and keeps it connected while it is mounted. Errors of
   * `connect()` are in the event `status`.
   */
  readonly LongspanProvider: (props: ProviderProps<D>) => ReactNode;
  /** @throws Error outside of a provider */
  readonly useClient: () => Client<D>;
  readonly useStatus: () => Status;
  /** Subscribes while the component is mounted. The options may change with each call. */
  readonly useTopic: <N extends NameFor<"message", D>>(
    topic: N,
    options?: TopicHookOptions<BodyOf<"message", D, N>>,
  ) => TopicState<BodyOf<"message", D, N>>;
  /** Sends a request when the component is mounted, and whenever name or body change. */
  readonly useRequest: <N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    options?: RequestHookOptions,
  ) => RequestState<BodyOf<"answer", D, N>>;
  /**
   * Returns the answer to a request; suspends until it is there, and throws if it fails. Components
   * with the same name and body share one request while one of them is mounted. On a server it
   * throws, so that React renders the fallback.
   */
  readonly useAnswer: <N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    options?: RequestHookOptions,
  ) => BridgeMessage<BodyOf<"answer", D, N>>;
  /** Who is present at a topic; the own user included. */
  readonly usePresence: (topic: NameFor<"message", D>) => Present;
}

/** Returns hooks that check names and bodies. */
export function createHooks<D extends object = AnyDestinations>(): Hooks<D> {
  const Context = createContext<Client<D> | undefined>(undefined);

  function useClient(): Client<D> {
    const client = useContext(Context);
    if (!client) throw new Error("There is no LongspanProvider around this component");
    return client;
  }

  /** The same client, for code that knows nothing of its destinations. */
  const useAnyClient = (): Client => useClient() as unknown as Client;

  return {
    LongspanProvider({ client, children }) {
      const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
      useEffect(() => {
        clearTimeout(leaving.current);
        client.connect().catch(() => undefined);
        return () => {
          // Not at once: strict mode mounts each component twice.
          leaving.current = setTimeout(() => void client.disconnect());
        };
      }, [client]);
      return createElement(Context, { value: client }, children);
    },

    useClient,

    useStatus() {
      const client = useClient();
      const subscribe = useCallback(
        (changed: () => void) => client.on("status", changed),
        [client],
      );
      return useSyncExternalStore(
        subscribe,
        () => client.status,
        () => "disconnected",
      );
    },

    useTopic<N extends NameFor<"message", D>>(
      topic: N,
      { onMessage, selector, durable }: TopicHookOptions<BodyOf<"message", D, N>> = {},
    ) {
      type State = TopicState<BodyOf<"message", D, N>>;
      const client = useAnyClient();
      const [state, setState] = useState<State>(NO_MESSAGE);
      const listener = useLatest(onMessage);
      useEffect(() => {
        setState(NO_MESSAGE);
        return keepSubscribed(
          client,
          topic,
          { selector, durable },
          (message) => {
            setState((last) => ({ ...last, message: message as State["message"] }));
            return listener.current?.(message as NonNullable<State["message"]>);
          },
          (active, error) => setState(({ message }) => ({ message, active, error })),
        );
      }, [client, topic, selector, durable, listener]);
      return state;
    },

    useRequest<N extends NameFor<"send", D>>(
      destination: N,
      body: BodyOf<"send", D, N>,
      options?: RequestHookOptions,
    ) {
      type State = Omit<RequestState<BodyOf<"answer", D, N>>, "reload">;
      const client = useAnyClient();
      const [state, setState] = useState<State>(PENDING);
      const [round, setRound] = useState(0);
      const latest = useLatest({ body, options });
      const key = JSON.stringify(body);
      useEffect(() => {
        const abort = new AbortController();
        setState(({ answer }) => ({ answer, error: undefined, pending: true }));
        void whenConnected(client, abort.signal, async () => {
          const { body: sent, options: given } = latest.current;
          const { signal } = abort;
          try {
            const answer = await client.request(destination, sent as string, { ...given, signal });
            setState({ answer: answer as State["answer"], error: undefined, pending: false });
          } catch (error) {
            if (signal.aborted) return;
            setState({ answer: undefined, error: error as Error, pending: false });
          }
        });
        return () => abort.abort();
      }, [client, destination, key, round, latest]);
      const reload = useCallback(() => setRound((last) => last + 1), []);
      return useMemo(() => ({ ...state, reload }), [state, reload]);
    },

    useAnswer<N extends NameFor<"send", D>>(
      destination: N,
      body: BodyOf<"send", D, N>,
      options?: RequestHookOptions,
    ) {
      const client = useAnyClient();
      // Otherwise the server would wait for a connection that it never opens.
      if (!("window" in globalThis)) throw onlyInPage();
      const answers = Answers.of(client);
      const key = JSON.stringify([destination, body]);
      const promise = answers.get(key, (signal) =>
        connected(client, signal).then(() =>
          client.request(destination, body as string, { ...options, signal }),
        ),
      );
      useEffect(() => answers.use(key, promise), [answers, key, promise]);
      return use(promise) as BridgeMessage<BodyOf<"answer", D, N>>;
    },

    usePresence(topic) {
      const client = useAnyClient();
      const [state, setState] = useState<Present>(NOBODY);
      useEffect(() => {
        setState(NOBODY);
        return watchPresence(client, topic, setState);
      }, [client, topic]);
      return state;
    },
  };
}

const NO_MESSAGE = { message: undefined, active: false, error: undefined };
const PENDING = { answer: undefined, error: undefined, pending: true };
const NOBODY: Present = { users: [], error: undefined };

function useLatest<T>(value: T): { readonly current: T } {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}

/**
 * The error that lets a server render the fallback of `Suspense` and leave the rest to the page.
 * Next.js recognises it by `digest`, and does not report it.
 */
const onlyInPage = (): Error =>
  Object.assign(new Error("useAnswer: only a page has a connection; wrap it in Suspense"), {
    digest: "BAILOUT_TO_CLIENT_SIDE_RENDERING",
  });

/** Resolves when the client is connected; rejects when the signal is aborted. */
function connected(client: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (client.status === "connected") {
      resolve();
      return;
    }
    const off = client.on("status", ({ status, error }) => {
      if (status === "connected") end(resolve);
      else if (error) end(() => reject(error));
    });
    const end = (then: () => void) => {
      off();
      then();
    };
    signal.addEventListener("abort", () => end(() => reject(signal.reason as Error)));
  });
}

async function whenConnected(
  client: Client,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await connected(client, signal);
  } catch {
    return;
  }
  if (!signal.aborted) await run();
}

/** The hooks for any destination; `createHooks<MyDestinations>()` checks names and bodies. */
export const {
  LongspanProvider,
  useClient,
  useStatus,
  useTopic,
  useRequest,
  useAnswer,
  usePresence,
} = createHooks();
