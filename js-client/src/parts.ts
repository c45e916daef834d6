import { CancelledError, ConnectionLostError, type LongspanError } from "./errors.js";
import type { BridgeMessage } from "./message.js";
import type { RequestOptions, Requests } from "./requests.js";
import type { SendBody } from "./sends.js";
import { Stream } from "./stream.js";

/** Maximum number of parts that wait for a slow reader. */
const MAX_WAITING = 10_000;

/** The parts of one answer as an async iterator. */
export class PartStream extends Stream<BridgeMessage> {
  #expected = 1;

  part(message: BridgeMessage): "more" | "end" | LongspanError {
    if (message.sequence !== undefined && message.sequence !== this.#expected++) {
      return new ConnectionLostError(`Part ${this.#expected - 1} of the answer was lost`);
    }
    if (this.push(message) > MAX_WAITING) {
      return new CancelledError(`More than ${MAX_WAITING} parts wait for a reader`);
    }
    if (!message.last) return "more";
    this.end();
    return "end";
  }
}

/** Sends a request, and returns the parts of its answer. */
export function requestParts(
  requests: Requests,
  destination: string,
  body: SendBody,
  options: RequestOptions,
): PartStream {
  const parts = new PartStream(() => requests.cancel(id(), new CancelledError("Nobody reads on")));
  const id = requests.start(destination, body, options, parts);
  return parts;
}
