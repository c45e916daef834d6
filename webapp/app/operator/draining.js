/**
 * How far a drain has come: how many of the clients that were here have left.
 */
import { byId, plural } from "../dom.js";

export class Draining {
  isUnderWay = false;
  #atFirst = 0;

  /** @param {import("./endpoints.js").Bridge} bridge */
  show({ draining, connected }) {
    // Before the drain, the clients of now are those that will have to move.
    if (!draining) this.#atFirst = connected;
    this.#atFirst = Math.max(this.#atFirst, connected);
    this.isUnderWay = draining;
    byId("drain-progress").hidden = !draining;
    if (!draining) return;
    const gone = this.#atFirst - connected;
    byId("drain-bar").max = Math.max(1, this.#atFirst);
    byId("drain-bar").value = this.#atFirst === 0 ? 1 : gone;
    byId("drain-text").textContent =
      connected === 0
        ? "Drained: no client is connected any more. The process can be stopped."
        : `${plural(gone, "client")} moved, ${connected.toLocaleString("en")} still here.`;
  }

  /** The bridge does not answer any more. */
  stopped() {
    byId("drain-bar").value = byId("drain-bar").max;
    byId("drain-text").textContent = "The bridge has stopped.";
  }
}
