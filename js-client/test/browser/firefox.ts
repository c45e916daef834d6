// Debian's Firefox, driven by WebDriver BiDi.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { withoutBrowser } from "./chromium.js";

const ANSWER_WITHIN = 15_000;

const { FIREFOX = "/usr/bin/firefox-esr" } = process.env;

export const withoutFirefox = withoutBrowser || !existsSync(FIREFOX);
if (!withoutBrowser && withoutFirefox) {
  console.warn(`There is no ${FIREFOX}: the tests in Firefox are left out`);
}

/** It saves downloads without a question, opens windows without a click, and calls nobody. */
const prefs = (downloads: string) => ({
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.download.alwaysOpenPanel": false,
  "browser.download.dir": downloads,
  "browser.download.folderList": 2,
  "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.disable_open_during_load": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.proxy.type": 0,
  "services.settings.server": "data:,",
});

interface Reply {
  readonly id?: number;
  readonly type: "success" | "error" | "event";
  readonly error?: string;
  readonly message?: string;
  readonly result: Record<string, unknown>;
}

export class Firefox {
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #ids = 0;

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly bidi: WebSocket,
  ) {
    bidi.on("message", (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply;
      this.#waiting.get(reply.id ?? 0)?.(reply);
    });
  }

  static async start(): Promise<Firefox> {
    const folder = await mkdtemp(join(tmpdir(), "longspan-firefox-"));
    const profile = join(folder, "profile");
    const downloads = join(folder, "downloads");
    await Promise.all([mkdir(profile), mkdir(downloads)]);
    const lines = Object.entries(prefs(downloads)).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    await writeFile(join(profile, "user.js"), lines.join(""));
    const options = ["--headless", "--no-remote", "--profile", profile];
    const firefox = spawn(FIREFOX, [...options, "--remote-debugging-port", "0", "about:blank"], {
      env: { ...process.env, HOME: folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const address = await new Promise<string>((found, failed) => {
      firefox.once("exit", () => failed(new Error("Firefox did not start")));
      createInterface({ input: firefox.stderr }).on("line", (line) => {
        const match = /WebDriver BiDi listening on (ws:\S+)/.exec(line);
        if (match?.[1] !== undefined) found(match[1]);
      });
    });
    const bidi = new WebSocket(`${address}/session`);
    await new Promise((opened, failed) => bidi.once("open", opened).once("error", failed));
    const started = new Firefox(firefox, folder, bidi);
    await started.send("session.new", { capabilities: {} });
    return started;
  }

  /** The names of the files that it has saved. */
  get downloads(): string[] {
    return readdirSync(join(this.folder, "downloads"));
  }

  /** Opens a tab. */
  async open(url: string): Promise<Tab> {
    const { context } = await this.send("browsingContext.create", { type: "tab" });
    const tab = new Tab(this, context as string);
    await this.send("browsingContext.navigate", { context, url, wait: "complete" });
    return tab;
  }

  /** The tabs that are open, the oldest first. */
  async tabs(): Promise<Tab[]> {
    const { contexts } = await this.send("browsingContext.getTree", {});
    return (contexts as { context: string }[]).map(({ context }) => new Tab(this, context));
  }

  /** Runs a function in each document that is loaded from now on, before its own scripts. */
  async inEachDocument(functionDeclaration: string): Promise<void> {
    await this.send("script.addPreloadScript", { functionDeclaration });
  }

  async stop(): Promise<void> {
    const ended = new Promise((exited) => this.process.once("exit", exited));
    this.bidi.close();
    this.process.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Sends a command. What waits for a document that is gone has no answer. @internal */
  send(method: string, params: object): Promise<Reply["result"]> {
    const id = ++this.#ids;
    this.bidi.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${method}: no answer in ${ANSWER_WITHIN} ms`));
      }, ANSWER_WITHIN);
      this.#waiting.set(id, ({ type, error, message, result }) => {
        this.#waiting.delete(id);
        clearTimeout(timer);
        if (type === "success") resolve(result);
        else reject(new Error(`${method}: ${error}: ${message}`));
      });
    });
  }
}

export class Tab {
  constructor(
    private readonly firefox: Firefox,
    readonly id: string,
  ) {}

  /** The value of an expression, awaited if it is a promise. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.firefox.send("script.evaluate", {
      expression: `(async () => JSON.stringify({ value: await (${expression}) }))()`,
      target: { context: this.id },
      awaitPromise: true,
    });
    const { type, result, exceptionDetails } = reply as {
      type: string;
      result: { value: string };
      exceptionDetails?: { text: string };
    };
    if (type !== "success") throw new Error(exceptionDetails?.text ?? type);
    return (JSON.parse(result.value) as { value: unknown }).value;
  }

  /** @param wait `none`: returns at once, so that the next reload may come before the end of this one */
  async reload(wait: "complete" | "none"): Promise<void> {
    await this.firefox.send("browsingContext.reload", { context: this.id, wait });
  }

  async close(): Promise<void> {
    await this.firefox.send("browsingContext.close", { context: this.id });
  }
}
