import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium, withoutBrowser } from "./chromium.js";

// The pages of examples/web, as their README says to run them.

const { LONGSPAN_URL = "" } = process.env;
const root = fileURLToPath(new URL("../../../examples/web", import.meta.url));

describe.skipIf(withoutBrowser)("the example", () => {
  let chromium: Browser;
  let server: ViteDevServer;
  let context: BrowserContext;
  let problems: string[];

  beforeAll(async () => {
    process.env.BRIDGE = new URL(LONGSPAN_URL).origin;
    chromium = await launchChromium();
    server = await createServer({
      root,
      logLevel: "silent",
      server: { host: "127.0.0.1", port: 0 },
    });
    await server.listen();
  });

  afterAll(async () => {
    await chromium.close();
    await server.close();
  });

  beforeEach(async () => {
    problems = [];
    context = await chromium.newContext();
    return () => context.close();
  });

  afterEach(() => {
    expect(problems).toEqual([]);
  });

  async function open(name: string): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    const { port } = server.httpServer?.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/${name}.html`);
    return page;
  }

  async function signIn(page: Page): Promise<void> {
    await page.getByPlaceholder("user").fill("alice");
    await page.getByPlaceholder("password").fill("alice");
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  const shows = (page: Page, selector: string, text: string) =>
    expect.poll(() => page.locator(selector).textContent()).toBe(text);

  it("request.html asks a service, and shows why another one is refused", async () => {
    const page = await open("request");
    await signIn(page);
    await shows(page, "#answer", "connected");
    await page.getByRole("button", { name: "Ask" }).click();
    await shows(page, "#answer", "hello");
    await page.getByLabel("Text").fill("nothing");
    await page.getByRole("button", { name: "Ask" }).click();
    await expect.poll(() => page.locator("#answer").textContent()).toMatch(/^refused: /);
  });

  it("chat.html says who has sent what", async () => {
    const page = await open("chat");
    await signIn(page);
    await shows(page, "#status", "connected");
    await page.getByLabel("Message").fill("hello");
    // The form has its handler once the topic is subscribed.
    await page.waitForFunction(() => document.querySelector<HTMLFormElement>("#say")?.onsubmit);
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(() => page.locator("li").allTextContents()).toEqual(["alice: hello"]);
  });

  it("tabs.html counts in all tabs, and signs out in all of them", async () => {
    const one = await open("tabs");
    await signIn(one);
    await shows(one, "#status", "connected");
    const two = await open("tabs");
    for (const page of [one, two]) {
      await page.waitForFunction(() => document.querySelector<HTMLElement>("#add")?.onclick);
    }
    await one.getByRole("button", { name: "Add one" }).click();
    for (const page of [one, two]) await shows(page, "#count", "1");
    await two.getByRole("button", { name: "Sign out" }).click();
    for (const page of [one, two]) {
      await expect.poll(() => page.locator("#status").textContent()).toContain("loggedOut");
    }
  });

  it("work.html gives each job to one tab", async () => {
    const one = await open("work");
    await signIn(one);
    await shows(one, "#status", "waiting for jobs");
    const two = await open("work");
    await shows(two, "#status", "waiting for jobs");
    await one.getByRole("button", { name: "Add three jobs" }).click();
    const done = async () => {
      const jobs = await Promise.all(
        [one, two].map((page) => page.locator("li").allTextContents()),
      );
      return jobs.flat().sort();
    };
    await expect.poll(done).toEqual(["dry", "fold", "wash"]);
  });
});
