// The operator page, and who it is useful to.
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { PHONE, useBrowsers, WIDE } from "./browser.mjs";

const browsers = useBrowsers();

const openPage = (options = {}) => browsers.open({ hash: "admin.html", ...options });

async function signIn(page, user) {
  await page.fill("#user", user);
  await page.fill("#password", user);
  await page.click("#sign-in-button");
}

/** The browser itself reports the status of each refused answer. */
const expectRefusals = (...statuses) => {
  const problems = browsers.problems.splice(0).join("\n");
  for (const status of statuses) expect(problems).toContain(`${status}`);
  for (const problem of problems.split("\n")) {
    expect(statuses.filter((status) => problem.includes(`${status}`))).not.toEqual([]);
  }
};

async function operator(options) {
  const page = await openPage(options);
  await page.locator("#sign-in-form").waitFor();
  await signIn(page, "carol");
  await page.locator("#board").waitFor();
  // The page asks for several things at once: the last refusal may be told after the form is shown.
  expectRefusals(401);
  return page;
}

const rowOf = (page, user) => page.locator("#clients-body tr").filter({ hasText: user });

it("shows nothing to strangers and to users who are no operators", async () => {
  const page = await openPage();
  await page.locator("#sign-in-form").waitFor();
  await signIn(page, "bob");
  await page.locator("#refused").waitFor();
  expectRefusals(401, 403);
  expect(await page.textContent("#refused-text")).toContain("bob is signed in");
  expect(await page.isVisible("#board")).toBe(false);
  await page.click("#other-user");
  await page.locator("#sign-in-form").waitFor();
});

it("shows clients and subscriptions, and disconnects one after a question", async () => {
  const alice = await browsers.signIn("alice", { transport: "websocket" });
  const page = await operator();
  const row = rowOf(page, "alice").filter({ hasText: "websocket" }).last();
  await row.waitFor();
  expect(await row.textContent()).toContain("connected");
  await page.locator("#subscriptions-body").getByText("namedgraphs/").first().waitFor();
  const client = (await row.getAttribute("data-client")) ?? "";

  await row.locator(".op-end").click();
  await page.locator("#confirm").waitFor();
  expect(await page.textContent("#confirm-text")).toContain(client);
  await page.click("#confirm-no");
  expect(await page.locator(`[data-client="${client}"]`).count()).toBe(1);

  await row.locator(".op-end").click();
  await page.click("#confirm-yes");
  await page.locator(`[data-client="${client}"]`).waitFor({ state: "detached" });
  // The demo page comes back by itself, as another client.
  await alice.locator("#connection[data-state=connected]").waitFor();
});

it("shows one user's clients and disconnects them all", async () => {
  const bob = await browsers.signIn("bob", { transport: "websocket" });
  const page = await operator();
  await page.fill("#user-filter", "bob");
  await page.click("#user-show");
  await page.locator("#user-end").waitFor();
  expect(await rowOf(page, "alice").count()).toBe(0);
  const before = await rowOf(page, "bob").first().getAttribute("data-client");
  await page.click("#user-end");
  await page.click("#confirm-yes");
  await page.locator(`[data-client="${before}"]`).waitFor({ state: "detached" });
  await page.fill("#user-filter", "nobody at all");
  await page.click("#user-show");
  await page.getByText("No client here matches nobody at all.").waitFor();
  // Bob's sign-in has ended as well, so his page cannot come back by itself.
  await bob.close();
  for (const problem of browsers.problems.splice(0)) {
    expect(problem).toMatch(/\/cometd.*Authentication failed|401.*\/cometd/);
  }
});

it("shows characters that hide or reorder a name, and which name is meant", async () => {
  const names = [
    "ali\u200bce",
    "\u202eecila",
    "alice\u2066",
    "\ufeffalice",
    "alice ",
    "שלום",
    "a\\u{200B}",
  ];
  const shown = [
    "ali\\u{200B}ce",
    "\\u{202E}ecila",
    "alice\\u{2066}",
    "\\u{FEFF}alice",
    "alice\\u{0020}",
    "שלום",
    "a\\u{005C}u{200B}",
  ];
  const page = await openPage();
  await page.route(/admin\/clients/, async (route) => {
    const response = await route.fetch();
    if (!response.ok()) return route.fulfill({ response });
    const clients = names.map((user, i) => ({
      user,
      clientId: `client-${i}`,
      state: "connected",
      since: new Date().toISOString(),
      transport: "websocket",
      address: "127.0.0.1",
      topics: 0,
      queuedMessages: 0,
      queuedBytes: 0,
      requestsInFlight: 0,
    }));
    return route.fulfill({ response, json: { total: clients.length, offset: 0, clients } });
  });
  await page.locator("#sign-in-form").waitFor();
  await signIn(page, "carol");
  await page.locator('[data-client="client-0"]').waitFor();
  expectRefusals(401);
  const cells = page.locator("#clients-body .op-user");
  expect(await cells.allTextContents()).toEqual(shown);
  await page.locator('[data-client="client-1"] .op-end').click();
  expect(await page.textContent("#confirm-title")).toBe("Disconnect \\u{202E}ecila?");
  await page.click("#confirm-no");
  await page.locator('[data-client="client-5"] .op-end').click();
  expect(await page.textContent("#confirm-title")).toBe("Disconnect \u2068שלום\u2069?");
  await page.click("#confirm-no");
});

it("shows live figures, and refusals by their reason", async () => {
  const page = await operator();
  await page.locator('#charts path.op-line[d^="M"]').first().waitFor({ state: "attached" });
  await page.locator("#live-state:empty").waitFor({ state: "attached" });
  const alice = await browsers.signIn("alice", { transport: "websocket" });
  await alice.click("#tab-requests");
  await alice.fill("#request-destination", "no/such/service");
  await alice.click("#request-send");
  await page.locator("#refusals li").filter({ hasText: "Not authorised" }).waitFor();
  const chart = page.getByRole("img", { name: /^From clients to services, .* now [^–]/ });
  await chart.waitFor();
});

it("shows what a client follows, and says why a user may use a name", async () => {
  await browsers.signIn("alice", { transport: "websocket" });
  const page = await operator();
  await page.fill("#user-filter", "ALIC");
  await page.keyboard.press("Enter");
  await rowOf(page, "carol").first().waitFor({ state: "detached" });
  await rowOf(page, "alice").last().locator(".op-open").focus();
  await page.keyboard.press("Enter");
  await page.locator("#client-body").getByText("transactions/completed").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#client").waitFor({ state: "hidden" });

  await page.fill("#explain-user", "bob");
  await page.fill("#explain-name", "bridge/figures");
  await page.click("#explain-button");
  await page.getByText("bob may not use bridge/figures").waitFor();
  expect(await page.textContent("#explain-result")).toContain("the entry gives it to sysadmin");
  await page.fill("#explain-roles", "sysadmin");
  await page.click("#explain-button");
  await page.getByText("bob may use bridge/figures").waitFor();
});

const durableRow = (page, name) => page.locator("#durables-body tr").filter({ hasText: name });

/** A user's client with a durable subscription, in the user's own page. */
async function useDurable(page, name) {
  await page.evaluate(
    async ([{ LongspanClient }, durable]) => {
      const client = new LongspanClient({ url: new URL("cometd", document.baseURI).href });
      globalThis.ended = new Promise((resolve) => client.on("revoked", resolve));
      await client.connect();
      await client.topicSubscribe("notes/operator", () => undefined, { durable });
      globalThis.durableClient = client;
    },
    [await browsers.module(page, "/js/longspan.js"), name],
  );
}

it("lists durable subscriptions, and deletes them after a question, also unknown ones", async () => {
  const name = `page-${Date.now().toString(36)}`;
  const alice = await browsers.signIn("alice", { transport: "long-polling" });
  await useDurable(alice, name);
  const page = await operator();
  const row = durableRow(page, name);
  await row.waitFor();
  expect(await row.textContent()).toContain("alice");
  expect(await row.textContent()).toContain("here");

  await row.locator(".op-end").click();
  expect(await page.textContent("#confirm-text")).toContain("with all messages");
  await page.click("#confirm-no");
  expect(await row.count()).toBe(1);
  await row.locator(".op-end").click();
  await page.click("#confirm-yes");
  await row.waitFor({ state: "detached" });
  expect(await alice.evaluate(() => globalThis.ended)).toMatchObject({ reason: "takenOver" });

  await page.fill("#durable-user", "bob");
  await page.fill("#durable-topic", "notes/never");
  await page.fill("#durable-name", name);
  await page.click("#durable-delete");
  expect(await page.textContent("#confirm-title")).toContain("bob");
  await page.click("#confirm-yes");
  await page.locator("#durable-done").getByText("bob").waitFor();

  await page.fill("#durable-user", "bob");
  await page.fill("#durable-topic", "no/such/topic");
  await page.fill("#durable-name", name);
  await page.click("#durable-delete");
  await page.click("#confirm-yes");
  await page.locator("#banner").getByText("no such topic").waitFor();
  expectRefusals(404);
});

it("keeps the figures from users who are no operators", async () => {
  const page = await browsers.signIn("bob", { transport: "long-polling" });
  const problem = await page.evaluate(
    async ({ LongspanClient }) => {
      const client = new LongspanClient({ url: new URL("cometd", document.baseURI).href });
      await client.connect();
      try {
        await client.topicSubscribe("bridge/figures", () => undefined);
      } catch (error) {
        return error.failed[0].error;
      } finally {
        await client.disconnect();
      }
    },
    await browsers.module(page, "/js/longspan.js"),
  );
  expect(problem).toContain("notAuthorized");
});

it("asks before it drains, and does nothing without a yes", async () => {
  const page = await operator();
  await page.click("#drain");
  expect(await page.textContent("#confirm-text")).toContain("Only a restart takes it back");
  await page.keyboard.press("Escape");
  await page.locator("#confirm").waitFor({ state: "hidden" });
  expect(await page.getAttribute("#bridge-state", "data-state")).toBe("ready");
});

for (const [name, options] of [
  ["light", { ...WIDE, colorScheme: "light" }],
  ["dark", { ...WIDE, colorScheme: "dark" }],
  ["on a phone", PHONE],
]) {
  it(`is accessible and fits its width, ${name}`, async () => {
    await useDurable(await browsers.signIn("alice"), "accessible");
    const page = await operator(options);
    await rowOf(page, "alice").first().waitFor();
    await durableRow(page, "accessible").waitFor();
    await page.locator('#charts path.op-line[d^="M"]').first().waitFor({ state: "attached" });
    await page.fill("#explain-user", "bob");
    await page.fill("#explain-name", "services/echo");
    await page.click("#explain-button");
    await page.locator("#explain-result .op-verdict").waitFor();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
    expect(
      await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
    ).toBe(0);
  });
}

describe("the page of destinations", () => {
  it("shows what the user may use, and asks strangers to sign in", async () => {
    const page = await browsers.signIn("bob");
    await page.goto(`${browsers.url.replace(/\/$/, "")}/docs/`);
    await page.getByRole("heading", { name: "services/echo" }).waitFor();
    expect(await page.locator("#docs-list").textContent()).not.toContain("bridge/figures");
    await page.getByText("With the JavaScript client").first().click();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);

    const stranger = await browsers.open({ hash: "docs/" });
    await stranger.getByRole("link", { name: "Sign in" }).waitFor();
    expectRefusals(401);
  });
});
