import type { SendOutcome } from "./codec.js";
import { CancelledError, ConnectionLostError, LongspanError, TimedOutError } from "./errors.js";
import type { BridgeMessage } from "./message.js";
import { milliseconds } from "./options.js";
import { receiptError, refused, type SessionPort } from "./session-port.js";
import { encodeSend, type SendBody, type SendOptions } from "./sends.js";

export interface RequestOptions extends Omit<SendOptions, "correlationId" | "timeToLive"> {
  /**
   * Milliseconds to wait for the answer, 1 to 2³¹ − 1; for a stream: for each part. Sent as
   * `timeToLive`, so that no service handles an expired request. Default: the client's
   * `requestTimeout`.
   */
  timeout?: number;
  /** Cancels the request with a `CancelledError`, and notifies the service. */
  signal?: AbortSignal;
}

/**
 * Receives the parts of an answer. After `fail`, or after `part` returned `end` or an error,
 * nothing follows.
 */
export interface Sink {
  part(message: BridgeMessage): "more" | "end" | LongspanError;
  fail(error: Error): void;
}

interface OpenRequest {
  readonly id: string;
  readonly destination: string;
  readonly timeout: number;
  readonly sink: Sink;
  /**
   * Whether the bridge has confirmed that the broker accepted it; `unknown`: the receipt was lost.
   */
  sent: boolean | "unknown";
  timer: number;
  release(): void;
}

/**
 * Requests in flight. Each is in the map until its one outcome; the function that removes it
 * reports the outcome.
 */
export class Requests {
  readonly #open = new Map<string, OpenRequest>();

  constructor(
    private readonly session: SessionPort,
    private readonly defaultTimeout: number,
    private readonly idle: () => void,
  ) {}

  get size(): number {
    return this.#open.size;
  }

  request(destination: string, body: SendBody, options: RequestOptions): Promise<BridgeMessage> {
    return new Promise((resolve, reject) => {
      const id = this.start(destination, body, options, {
        part: (message) => {
          resolve(message);
          // Nobody reads a second part, so the service can stop.
          if (!message.last) this.#tellService(destination, id(), options.timeout);
          return "end";
        },
        fail: reject,
      });
    });
  }

  /** @returns whether a request in flight accepted the message */
  accept(message: BridgeMessage): boolean {
    const request = this.#open.get(message.correlationId ?? "");
    if (!request) return false;
    request.sent = true;
    const next = request.sink.part(message);
    if (next === "more") this.#arm(request);
    else if (next === "end") this.#end(request);
    else this.cancel(request.id, next);
    return true;
  }

  /** @returns whether the outcome belonged to a request in flight */
  settle(outcome: SendOutcome): boolean {
    const { correlationId = "", ok, errorCode, errorMessage } = outcome;
    const request = this.#open.get(correlationId);
    if (!request) return false;
    if (ok) request.sent = true;
    else {
      // After the broker accepted it, "unavailable" means that the answer was lost.
      const lost = request.sent !== false && errorCode === "brokerUnavailable";
      this.#fail(
        request,
        lost
          ? new ConnectionLostError(errorMessage || "The bridge lost its broker", errorCode)
          : refused(outcome),
      );
    }
    return true;
  }

  failAll(error: () => LongspanError): void {
    for (const request of [...this.#open.values()]) this.#fail(request, error());
  }

  /** @returns a function for the request's id, which is empty if the request could not start */
  start(destination: string, body: SendBody, options: RequestOptions, sink: Sink): () => string {
    let id = "";
    try {
      const timeout = milliseconds("timeout", options.timeout ?? this.defaultTimeout, 1);
      const { signal } = options;
      if (signal?.aborted) throw aborted(signal);
      id = this.session.nextId();
      const abort = () => this.cancel(id, aborted(signal));
      const request: OpenRequest = {
        id,
        destination,
        timeout,
        sink,
        sent: false,
        timer: 0,
        release: () => signal?.removeEventListener("abort", abort),
      };
      const data = encodeSend({ destination }, body, {
        ...options,
        correlationId: id,
        timeToLive: Math.ceil(timeout),
      });
      // Added before it is sent, because the answer may overtake the receipt.
      this.#open.set(id, request);
      this.#arm(request);
      signal?.addEventListener("abort", abort);
      this.session.send(data, (receipt) => {
        const error = receiptError(receipt);
        if (receipt.kind === "unknown") {
          // The answer may still arrive if the session is resumed.
          if (!request.sent) request.sent = "unknown";
        } else if (!error) request.sent = true;
        else this.#fail(request, error);
      });
    } catch (error) {
      const request = this.#open.get(id);
      if (request) this.#end(request);
      sink.fail(error as Error);
    }
    return () => id;
  }

  #arm(request: OpenRequest): void {
    const { timers } = this.session;
    timers.clear(request.timer);
    request.timer = timers.set(() => {
      const { id, destination, timeout } = request;
      const message = `No answer to ${destination} in ${timeout} ms`;
      const lost = request.sent === "unknown";
      this.cancel(id, lost ? new ConnectionLostError(message) : new TimedOutError(message));
    }, request.timeout);
  }

  /** @returns false if the request has already ended */
  #end(request: OpenRequest): boolean {
    if (this.#open.get(request.id) !== request) return false;
    this.#open.delete(request.id);
    this.session.timers.clear(request.timer);
    request.release();
    if (this.#open.size === 0) this.idle();
    return true;
  }

  #fail(request: OpenRequest, error: Error): void {
    if (this.#end(request)) request.sink.fail(error);
  }

  /** Cancels a request from this side, and notifies the service. */
  cancel(id: string, error: Error): void {
    const request = this.#open.get(id);
    if (!request) return;
    this.#tellService(request.destination, id, request.timeout);
    this.#fail(request, error);
  }

  #tellService(destination: string, id: string, timeout: number = this.defaultTimeout): void {
    if (!this.session.connected) return;
    const options = {
      correlationId: id,
      timeToLive: Math.ceil(timeout),
      properties: { cancel: true },
    };
    // If it does not arrive, the request's own timeToLive ends it.
    this.session.send(encodeSend({ destination }, "", options), () => undefined);
  }
}

const aborted = (signal?: AbortSignal): CancelledError =>
  new CancelledError("The request was aborted", { cause: signal?.reason as unknown });
