// Debian's Chromium, driven by playwright-core, with the client in its pages.
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import type * as Longspan from "../../src/index.js";
import type { ClientOptions, LongspanClient } from "../../src/index.js";
import { Proxy } from "./proxy.js";

declare global {
  interface Window {
    longspan: typeof Longspan;
    client: LongspanClient;
    /** What the client of the page told. */
    told: {
      statuses: string[];
      errors: string[];
      gaps: string[];
      transports: string[];
      got: unknown[];
    };
  }
}

const { CHROMIUM = "/usr/bin/chromium", LONGSPAN_SKIP_BROWSER = "" } = process.env;

/** By the environment variable LONGSPAN_SKIP_BROWSER. */
export const withoutBrowser = LONGSPAN_SKIP_BROWSER !== "";
if (withoutBrowser) console.warn("LONGSPAN_SKIP_BROWSER is set: the browser tests are left out");

export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @throws Error that says what to install */
export function chromiumFile(): string {
  if (existsSync(CHROMIUM)) return CHROMIUM;
  throw new Error(
    `There is no ${CHROMIUM}: install the Debian package chromium, name another` +
      " Chromium in CHROMIUM, or leave the browser tests out by LONGSPAN_SKIP_BROWSER=1",
  );
}

export const launchChromium = async (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumFile(), args: FLAGS });

/** Signs the browser in at the bridge; `status` is that of the answer. */
export async function signIn(context: BrowserContext, url: string, user: string): Promise<void> {
  const form = { user, password: user };
  const response = await context.request.post(new URL("login", url).href, { form });
  if (!response.ok()) throw new Error(`signing in as ${user}: ${response.status()}`);
}

/** A page of the bridge's own origin with the script build in it. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(new URL("js/longspan.min.js", url).href);
  await page.addScriptTag({ url: "/js/longspan.min.js" });
  return page;
}

/** Alice's browser, whose way to the bridge is a proxy, and a page of Bob's that goes there straight. */
export async function twoUsers(
  browser: Browser,
  url: string,
): Promise<{ proxy: Proxy; alice: BrowserContext; other: Page }> {
  const proxy = await Proxy.start(url);
  const alice = await browser.newContext();
  await signIn(alice, proxy.url, "alice");
  const bob = await browser.newContext();
  await signIn(bob, url, "bob");
  const other = await openPage(bob, url);
  await connect(other);
  return { proxy, alice, other };
}

/** Makes the page's client and connects it. */
export async function connect(page: Page, options: ClientOptions = {}): Promise<void> {
  await page.evaluate(async (given) => {
    const quiet = () => undefined;
    const client = new window.longspan.LongspanClient({
      logger: { debug: quiet, info: quiet, warn: quiet, error: console.error },
      reconnect: { initial: 50, max: 500 },
      ...given,
    });
    window.client = client;
    window.told = { statuses: [], errors: [], gaps: [], transports: [], got: [] };
    client.on("status", ({ status, error }) => {
      window.told.statuses.push(status);
      if (error !== undefined) window.told.errors.push(error.name);
    });
    client.on("gap", ({ reason }) => window.told.gaps.push(reason));
    await client.connect();
  }, options);
}

/** The name of the error with which `connect()` rejects. */
export function failsToConnect(page: Page, options: ClientOptions = {}): Promise<string> {
  return connect(page, options).then(
    () => "connected",
    (error: unknown) => String(error),
  );
}

export const told = (page: Page) => page.evaluate(() => window.told);

export const echo = (page: Page, body: string) =>
  page.evaluate(async (sent) => (await window.client.request("services/echo", sent)).text(), body);

export const publish = (page: Page, topic: string, body: string) =>
  page.evaluate(([to = "", sent = ""]) => window.client.publish(to, sent), [topic, body]);

/** What arrives is in `told().got`. */
export const subscribe = (page: Page, topic: string) =>
  page.evaluate(async (to) => {
    await window.client.topicSubscribe(to, ({ body }) => window.told.got.push(body));
  }, topic);
