// Browsers for the page's tests. Each page watches itself: a console error, an exception or a violation of the
// Content-Security-Policy anywhere makes the test fail.
import { chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE = 15_000;
/** A bridge of its own may have to start first. */
const START_PATIENCE = 150_000;

export const WIDE = { viewport: { width: 1440, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/**
 * Call it once in a describe or file.
 *
 * @param {(() => Promise<{url: string, close: () => Promise<void>}>) | undefined} [startServer] for a bridge of its own
 * @returns {Browsers}
 */
export function useBrowsers(startServer) {
  const browsers = new Browsers(startServer);
  beforeAll(() => browsers.start(), START_PATIENCE);
  afterEach(() => browsers.closePages());
  afterAll(() => browsers.stop());
  return browsers;
}

class Browsers {
  #browser;
  #startServer;
  #server;
  #contexts = [];
  /** What went wrong in any page of the present test. */
  problems = [];

  constructor(startServer) {
    this.#startServer = startServer;
  }

  async start() {
    this.url = process.env.LONGSPAN_URL;
    if (this.url === undefined)
      throw new Error("LONGSPAN_URL: missing; the address of a running bridge");
    if (this.#startServer !== undefined) {
      this.#server = await this.#startServer();
      this.url = this.#server.url;
    } else if (this.url === "stand-in") {
      const { startStandIn } = await import("./stand-in/server.mjs");
      this.#server = await startStandIn();
      this.url = this.#server.url;
    }
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    this.#browser = await chromium.launch({ executablePath, args: FLAGS });
  }

  async stop() {
    await this.#browser?.close();
    await this.#server?.close();
  }

  async closePages() {
    const problems = this.problems.splice(0);
    for (const context of this.#contexts.splice(0)) await context.close();
    expect(problems).toEqual([]);
  }

  /** A browser of its own, with the page open and nobody signed in; `before` runs in it first. */
  async open({ hash = "", before = () => undefined, ...options } = WIDE) {
    const context = await this.#browser.newContext({ ...WIDE, ...options });
    this.#contexts.push(context);
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript(() => {
      addEventListener(
        "securitypolicyviolation",
        ({ violatedDirective, blockedURI, sourceFile }) => {
          console.error(`policy: ${violatedDirective} ${blockedURI} ${sourceFile}`);
        },
      );
    });
    await context.addInitScript(before);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error")
        this.problems.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.problems.push(String(error.stack)));
    await page.goto(`${this.url}/${hash}`.replace(/([^:])\/\//, "$1/"));
    return page;
  }

  /** A module of the page, for use in `evaluate`; as text, because the test runner rewrites imports in code. */
  module(page, path) {
    return page.evaluateHandle(`import(${JSON.stringify(path)})`);
  }

  /** Signed in, with the graph read. */
  async signIn(user, { transport = "auto", graph, ...options } = {}) {
    const hash = graph === undefined ? "" : `#graph=${encodeURIComponent(graph)}`;
    const page = await this.open({ hash, ...options });
    await page.fill("#user", user);
    await page.fill("#password", user);
    await page.check(`[name=transport][value=${transport}]`, { force: true });
    await page.click("#sign-in-button");
    await page.locator("#panel-picture[data-state=live]").waitFor({ state: "attached" });
    if (transport !== "auto") {
      await page
        .locator(`#connection[data-state=connected][data-transport=${transport}]`)
        .waitFor();
    }
    return page;
  }
}

let graphs = 0;

/** A graph that no other test uses. */
export const freshGraph = () =>
  `https://example.org/graphs/page-test-${Date.now().toString(36)}-${++graphs}`;

/** Adds a triple by the form. */
export async function addTriple(page, subject, predicate, object, kind = "text") {
  await page.fill("#add-subject", subject);
  await page.fill("#add-predicate", predicate);
  await page.selectOption("#add-kind", kind);
  await page.fill("#add-object", object);
  await page.click("#add-button");
}

/** The row of the table that shows all of these texts. */
export const row = (page, ...texts) =>
  texts.reduce((rows, text) => rows.filter({ hasText: text }), page.locator("#triples-body tr"));

/** Waits until the picture shows so many of something: `added`, `changed`, `gone`, `nodes`, `edges`. */
export const pictured = (page, name, count) =>
  page.locator(`#picture[data-${name}="${count}"]`).waitFor({ state: "attached" });

export const atRevision = (page, revision) =>
  page
    .locator(`#panel-picture[data-state=live][data-revision="${revision}"]`)
    .waitFor({ state: "attached" });
