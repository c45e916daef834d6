import { joinLeader } from "./leader.js";
import { Hub } from "./hub.js";
import { NAME, type FromHub, type Hello, type ToHub } from "./wire.js";

/** The way from a tab to the hub. */
export interface HubLink {
  /** Whether there is a hub now; what is posted without one is lost. */
  readonly isOpen: boolean;
  post(message: ToHub): void;
  /** Leaves the hub. Idempotent. */
  close(): void;
}

export interface HubLinkListener {
  received(message: FromHub): void;
  /** The hub has died; what it had is gone. */
  lost(): void;
  /** There is another hub after `lost()`. */
  found(): void;
  /** The hub has died, and nothing more comes over this link. */
  died(): void;
}

/** Milliseconds that a worker may take to start. */
const MAX_START = 5_000;

/**
 * Opens the way to the hub of this origin: in a `SharedWorker`; otherwise in the tab that leads;
 * otherwise in this tab alone, where the page is not in a secure context and so has no locks.
 */
export async function openHub(
  worker: string | URL | false | undefined,
  listener: HubLinkListener,
): Promise<HubLink> {
  const url = worker ?? WORKER;
  if (url !== false && "SharedWorker" in globalThis) {
    const link = await openWorker(url, listener);
    if (link) return link;
  }
  // Missing on pages that were not loaded over HTTPS.
  const { locks } = navigator as { locks?: LockManager };
  return !locks ? alone(listener) : joinLeader(locks, listener);
}

/** In this form bundlers take the file for an asset of the page. */
const WORKER = new URL("./longspan.worker.js", import.meta.url);

/** @returns `undefined` if the worker does not start */
function openWorker(url: string | URL, listener: HubLinkListener): Promise<HubLink | undefined> {
  return new Promise((resolve) => {
    let worker: SharedWorker;
    try {
      worker = new SharedWorker(url, { name: NAME });
    } catch {
      resolve(undefined);
      return;
    }
    const { port } = worker;
    const link = new PortLink(port);
    const fail = () => {
      clearTimeout(late);
      link.close();
      resolve(undefined);
    };
    const late = setTimeout(fail, MAX_START);
    worker.onerror = fail;
    port.onmessage = ({ data }: MessageEvent<FromHub | Hello>) => {
      if (!link.isOpen) return;
      if (data.is !== "hello") {
        listener.received(data);
        return;
      }
      clearTimeout(late);
      link.watch(data, () => listener.died());
      resolve(link);
    };
  });
}

/** The way to the hub in a worker. Each side holds a lock, by which the other notices its death. */
class PortLink implements HubLink {
  isOpen = true;
  /** Missing on pages that were not loaded over HTTPS: there a death remains unnoticed. */
  readonly #locks = (navigator as { locks?: LockManager }).locks;
  /** Aborts the requests for locks. */
  readonly #stop = new AbortController();
  #release = (): void => undefined;

  constructor(private readonly port: MessagePort) {
    if (!this.#locks) return;
    const lock = `${NAME} ${crypto.randomUUID()}`;
    const held = new Promise<void>((resolve) => (this.#release = resolve));
    this.#lock(lock, () => {
      port.postMessage({ is: "alive", lock });
      return held;
    });
  }

  /** Calls `died` when the worker has died. */
  watch({ lock }: Hello, died: () => void): void {
    if (lock === undefined) return;
    this.#lock(lock, () => {
      this.close();
      died();
    });
  }

  post(message: ToHub): void {
    if (this.isOpen) this.port.postMessage(message);
  }

  close(): void {
    this.post({ is: "bye" });
    this.isOpen = false;
    this.#stop.abort();
    this.#release();
    this.port.close();
  }

  #lock(name: string, granted: () => unknown): void {
    const { signal } = this.#stop;
    // It rejects when this tab has left.
    this.#locks?.request(name, { signal }, () => Promise.resolve(granted())).catch(() => undefined);
  }
}

function alone(listener: HubLinkListener): HubLink {
  const tab = new Hub().attach((message) => queueMicrotask(() => listener.received(message)));
  return { isOpen: true, post: (message) => tab.receive(message), close: () => tab.gone() };
}
