/**
 * What an operator can do. Each action asks first, and reads everything again afterwards.
 */
import { byId } from "../dom.js";
import { quoted, visible } from "../visible.js";
import { showDeleted } from "./durables.js";
import { deleteDurable, disconnectClient, disconnectUser, drain, Refused } from "./endpoints.js";
import { isConfirmed } from "./question.js";

/** Shows a problem above the board, or takes it away. @param {string | undefined} problem */
export function say(problem) {
  const banner = byId("banner");
  banner.hidden = problem === undefined;
  banner.textContent = visible(problem ?? "");
}

export class Actions {
  #refresh;

  /** @param {() => Promise<void>} refresh reads everything again */
  constructor(refresh) {
    this.#refresh = refresh;
  }

  /** @param {import("./endpoints.js").Client} client */
  disconnect(client) {
    void this.#confirmed(
      `Disconnect ${quoted(client.user)}?`,
      `The client ${client.clientId} is ended with the reason “operator”. If it is still running it shakes hands again.`,
      "Disconnect",
      () => disconnectClient(client.clientId),
    );
  }

  /** @param {string} user */
  disconnectAll(user) {
    void this.#confirmed(
      `Disconnect every client of ${quoted(user)}?`,
      "Their sessions end with the reason “operator”. A client that is still running shakes hands again, unless its credentials are no longer good.",
      "Disconnect all",
      () => disconnectUser(user),
    );
  }

  /** @param {string} bridgeId */
  drain(bridgeId) {
    void this.#confirmed(
      `Drain ${bridgeId}?`,
      "The bridge tells its clients to move, refuses new ones and is no longer ready, so that a load balancer sends them elsewhere. Clients that stay are served until the process ends. Only a restart takes it back.",
      "Drain",
      () => drain(bridgeId),
    );
  }

  /** @param {import("./durables.js").Named} durable */
  deleteDurable({ user, topic, name }) {
    void this.#confirmed(
      `Delete ${visible(name)} of ${quoted(user)}?`,
      `The durable subscription to ${visible(topic)} is deleted with all messages that the broker keeps for it. A session that uses it is told that it was taken over.`,
      "Delete",
      () => deleteDurable({ user, topic, name }).then(showDeleted),
    );
  }

  /** @param {string} title @param {string} text @param {string} action @param {() => Promise<unknown>} run */
  async #confirmed(title, text, action, run) {
    if (!(await isConfirmed(title, text, action))) return;
    try {
      await run();
      await this.#refresh();
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      await this.#refresh();
      say(problem.message);
    }
  }
}
