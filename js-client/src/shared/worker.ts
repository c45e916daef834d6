import { Hub } from "./hub.js";
import { NAME, type Hello, type ToHub } from "./wire.js";

/** The script of the `SharedWorker`. */
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
const hub = new Hub();

// Missing on pages that were not loaded over HTTPS.
const { locks } = navigator as { locks?: LockManager };
const hello: Hello = { is: "hello", lock: locks && `${NAME} worker ${crypto.randomUUID()}` };
/** Resolves when the worker has its lock. */
const ready = new Promise<void>((resolve) => {
  if (hello.lock === undefined) resolve();
  else {
    void locks?.request(hello.lock, () => {
      resolve();
      return new Promise(() => undefined);
    });
  }
});

scope.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const tab = hub.attach((message) => port.postMessage(message));
  const gone = () => {
    tab.gone();
    port.close();
  };
  // Newer browsers tell it; others have locks.
  port.addEventListener("close", gone);
  port.onmessage = ({ data }: MessageEvent<ToHub | { is: "alive"; lock: string }>) => {
    if (data.is === "alive") void locks?.request(data.lock, gone);
    else tab.receive(data);
  };
  void ready.then(() => port.postMessage(hello));
};
