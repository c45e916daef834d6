import { Hub } from "./hub.js";
import type { ToHub } from "./wire.js";

/** The script of the `SharedWorker`. */
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
const hub = new Hub();

scope.onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  const tab = hub.attach((message) => port.postMessage(message));
  const gone = () => {
    tab.gone();
    port.close();
  };
  // Newer browsers tell it; others have locks.
  port.addEventListener("close", gone);
  port.onmessage = ({ data }: MessageEvent<ToHub | { is: "alive"; lock: string }>) => {
    if (data.is === "alive") void navigator.locks.request(data.lock, gone);
    else tab.receive(data);
  };
  port.postMessage("hello");
};
