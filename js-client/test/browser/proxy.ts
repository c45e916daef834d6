// A reverse proxy in front of the bridge that sees each request and may block WebSockets as real ones do.
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** `accept`; `refuse`: 403; `swallow`: no answer; `mute`: the upgrade goes through, and then nothing more. */
export type Blocking = "accept" | "refuse" | "swallow" | "mute";

/**
 * `works`; `refuses`: each connection is broken off at once; `swallows`: everything is taken and nothing comes through,
 * later neither; a number: each request is answered with this status, by the proxy itself.
 */
export type Network = "works" | "refuses" | "swallows" | number;

export class Proxy {
  /** The path of something to download, which the proxy itself has. */
  static readonly DOWNLOAD = "/download";
  network: Network = "works";
  /** The `Host` that the bridge sees; `undefined`: the one of the request. */
  host: string | undefined;
  /** Answers to polls wait until `release()`, once. */
  #holding: Promise<void> | undefined;
  #release = (): void => undefined;
  /** How many answers wait. */
  held = 0;
  webSockets: Blocking = "accept";
  /** What the bridge sends is lost, while what is sent to it arrives. */
  losing = false;
  /** How many answers, or pieces of what a WebSocket carried, were lost. */
  lost = 0;
  /** What came, in order: `upgrade <outcome>`, or the Bayeux channels of a POST with the status of its answer. */
  readonly seen: string[] = [];
  readonly #open = new Set<Socket>();
  readonly #server = createServer((incoming, response) => this.#forward(incoming, response));

  private constructor(private readonly target: URL) {
    this.#server.on("connection", (socket: Socket) => {
      this.#keep(socket);
      if (this.network === "refuses") socket.destroy();
    });
    this.#server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(incoming, socket, head),
    );
  }

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(new URL(target));
    await new Promise<void>((ready) => proxy.#server.listen(0, "127.0.0.1", ready));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** From here on answers to polls are held back. */
  hold(): void {
    this.#holding = new Promise((release) => (this.#release = release));
  }

  /** Answers to polls come at once again; those that wait still do. @returns releases them */
  pass(): () => void {
    this.#holding = undefined;
    return this.#release;
  }

  /** Breaks all that is open. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  stop(): Promise<void> {
    this.cut();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      if (this.network === "swallows") return;
      if (typeof this.network === "number") {
        response.writeHead(this.network).end("a proxy");
        return;
      }
      const { hostname, port } = this.target;
      const { method, url: path } = incoming;
      if (path === Proxy.DOWNLOAD) {
        response.setHeader("Content-Type", "application/octet-stream");
        response.setHeader("Content-Disposition", "attachment; filename=report.bin");
        response.end("a report");
        return;
      }
      const headers = { ...incoming.headers, host: this.host ?? incoming.headers.host };
      const onward = request({ hostname, port, method, path, headers }, (answer) => {
        if (path?.startsWith("/cometd") === true) this.#saw(body, answer.statusCode);
        if (this.losing) {
          this.lost++;
          answer.resume();
          return;
        }
        const polls = this.#holding !== undefined && body.includes("/meta/connect");
        if (polls) this.held++;
        void (polls ? this.#holding : Promise.resolve())?.then(() => {
          if (this.network === "swallows") return;
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
      });
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      onward.end(body);
    });
  }

  #saw(body: Buffer, status: number | undefined): void {
    const messages = JSON.parse(body.toString("utf8")) as { channel: string }[];
    this.seen.push(`${messages.map(({ channel }) => channel).join()} ${status ?? ""}`);
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const { webSockets } = this;
    this.seen.push(`upgrade ${webSockets}`);
    if (this.network === "swallows") return;
    if (typeof this.network === "number") {
      socket.end(`HTTP/1.1 ${this.network} Proxy\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    if (webSockets === "refuse") socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    if (webSockets === "refuse" || webSockets === "swallow") return;
    const onward = connect(Number(this.target.port), this.target.hostname, () => {
      const lines = [`GET ${incoming.url ?? "/"} HTTP/1.1`];
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
        lines.push(`${incoming.rawHeaders[i] ?? ""}: ${incoming.rawHeaders[i + 1] ?? ""}`);
      }
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.on("data", (chunk: Buffer) => {
        if (webSockets === "accept" && this.network !== "swallows") onward.write(chunk);
      });
      onward.on("data", (chunk: Buffer) => {
        if (this.losing || this.network === "swallows") this.lost++;
        else socket.write(chunk);
      });
    });
    this.#keep(onward);
    socket.on("close", () => onward.destroy());
    onward.on("close", () => socket.destroy());
  }
}
