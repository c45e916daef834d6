// A tab in the background. Playwright keeps all its pages in the foreground, so this one is driven by DevTools itself.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { chromiumFile, FLAGS } from "./chromium.js";

interface Reply {
  readonly id?: number;
  readonly error?: { message: string };
  readonly result: {
    readonly targetId: string;
    readonly sessionId: string;
    readonly result?: { value: unknown };
    readonly exceptionDetails?: { text: string; exception?: { description?: string } };
  };
}

export class HiddenTab {
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #ids = 0;
  #session: string | undefined;

  private constructor(
    private readonly chromium: ChildProcess,
    private readonly profile: string,
    private readonly devTools: WebSocket,
  ) {
    devTools.on("message", (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply;
      this.#waiting.get(reply.id ?? 0)?.(reply);
    });
  }

  /** Opens the tab; `hide()` puts another one in front. Its timers are throttled without the usual five minutes' grace. */
  static async open(url: string): Promise<HiddenTab> {
    const profile = await mkdtemp(join(tmpdir(), "longspan-"));
    const throttled = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1";
    const more = [throttled, "--remote-debugging-port=0", `--user-data-dir=${profile}`];
    const chromium = spawn(chromiumFile(), [...FLAGS, ...more, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const address = await new Promise<string>((found, failed) => {
      chromium.once("exit", () => failed(new Error("Chromium did not start")));
      createInterface({ input: chromium.stderr }).on("line", (line) => {
        const match = /listening on (ws:\S+)/.exec(line);
        if (match?.[1] !== undefined) found(match[1]);
      });
    });
    const devTools = new WebSocket(address);
    await new Promise((opened) => devTools.once("open", opened));
    const tab = new HiddenTab(chromium, profile, devTools);
    const { targetId } = await tab.#send("Target.createTarget", { url });
    tab.#session = (
      await tab.#send("Target.attachToTarget", { targetId, flatten: true })
    ).sessionId;
    return tab;
  }

  async hide(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await this.#send("Target.createTarget", { url: "about:blank" });
    this.#session = session;
  }

  /** The value of an expression, awaited if it is a promise. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", options);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result?.value;
  }

  async close(): Promise<void> {
    const ended = new Promise((exited) => this.chromium.once("exit", exited));
    this.devTools.close();
    this.chromium.kill();
    await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #send(method: string, params: object): Promise<Reply["result"]> {
    const id = ++this.#ids;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.devTools.send(JSON.stringify({ id, method, params, ...session }));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ error, result }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }
}
