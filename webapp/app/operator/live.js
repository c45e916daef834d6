/**
 * The live figures of the bridge, by Longspan's own client, from a topic that only operators may subscribe.
 */
import { LongspanClient } from "../../js/longspan.js";
import { Emitter } from "../events.js";

const TOPIC = "bridge/figures";

/** Emits `figures` for each message, `bridge` with the id of the bridge when it is connected, and `state`, a sentence or undefined. */
export class LiveFigures extends Emitter {
  /** @type {LongspanClient | undefined} */
  #client;

  /** Does nothing if it runs. */
  start() {
    if (this.#client !== undefined) return;
    const client = new LongspanClient({
      url: new URL("cometd", document.baseURI).href,
      connectTimeout: 0,
      logger: { debug() {}, info() {}, warn() {}, error: (...text) => console.error(...text) },
    });
    this.#client = client;
    client.on("status", ({ status }) => {
      if (client !== this.#client) return;
      if (status === "connected") this.emit("bridge", client.info?.bridgeId);
      this.emit(
        "state",
        status === "connected" ? undefined : "The live figures are not connected.",
      );
    });
    client.on("revoked", () =>
      this.emit("state", "The live figures have ended: no right to them."),
    );
    void this.#follow(client);
  }

  /** @param {LongspanClient} client */
  async #follow(client) {
    try {
      await client.connect();
      await client.topicSubscribe(TOPIC, (message) => {
        if (client === this.#client) this.emit("figures", message.json());
      });
    } catch (problem) {
      if (client !== this.#client) return;
      this.stop();
      this.emit("state", `No live figures: ${/** @type {Error} */ (problem).message}`);
    }
  }

  stop() {
    const client = this.#client;
    this.#client = undefined;
    void client?.disconnect();
  }
}
