// Members that CometD 9.0.0 exports or lets one override, but does not declare.
import "cometd";

declare module "cometd" {
  interface Envelope {
    url: string;
    messages: Message[];
  }

  interface Packet {
    url: string;
    headers?: Record<string, string>;
    body: string;
    onSuccess: (response: string) => void;
    onError: (reason: string, exception?: unknown) => void;
  }

  interface FailureInfo {
    cause: "negotiation" | "unsuccessful" | "failure";
    action: "none" | "handshake" | "retry";
    delay?: number;
    transport: Transport | null;
  }

  interface Message {
    failure?: { reason?: string; httpCode?: number };
  }

  interface TransportRegistry {
    reset(init: boolean): void;
  }

  interface CometD {
    onTransportFailure(
      message: Message,
      info: FailureInfo,
      handle: (info: FailureInfo) => void,
    ): void;
    /** Called with each received message. */
    receive(message: Message): void;
    onListenerException?(error: unknown): void;
    onCallbackException?(error: unknown): void;
    _debug(...args: unknown[]): void;
    _info(...args: unknown[]): void;
    _warn(...args: unknown[]): void;
  }

  abstract class BaseTransport implements Transport {
    readonly type: string;
    url: string;
    accept(version: string, crossDomain: boolean, url: string): boolean;
    abort(): void;
    get configuration(): object;
    /** Read when a message has been written, to compute the deadline of its reply. */
    get advice(): Advice;
    convertToJSON(messages: Message[]): string;
  }

  class WebSocketTransport extends BaseTransport {}

  class LongPollingTransport extends BaseTransport {
    transportSend(envelope: Envelope, request: object): boolean;
    xhrSend(packet: Packet): object;
    abortXHR(xhr: unknown): boolean;
  }
}
