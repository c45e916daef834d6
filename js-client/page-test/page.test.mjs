// One browser alone: signing in, query, requests, log, keyboard, widths, accessibility.
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { addTriple, atRevision, freshGraph, PHONE, row, useBrowsers, WIDE } from "./browser.mjs";

const EX = "https://example.org/things/";
const VIEWS = ["picture", "triples", "query", "requests", "log"];
const browsers = useBrowsers();

describe("signing in", () => {
  it("refuses a wrong password in words", async () => {
    const page = await browsers.open();
    await page.fill("#user", "alice");
    await page.fill("#password", "wrong");
    await page.click("#sign-in-button");
    await page.locator("#sign-in-error").waitFor();
    expect(await page.textContent("#sign-in-error")).toBe("User and password don’t match.");
    expect(await page.isVisible("#workspace")).toBe(false);
    // The browser itself reports the status of the answer.
    expect(browsers.problems.splice(0).join()).toMatch(/^[^,]*401[^,]*\/login$/);
  });

  it("works where the browser blocks what the page would remember", async () => {
    const page = await browsers.open({
      ...WIDE,
      before: () => {
        for (const name of ["sessionStorage", "localStorage"]) {
          Object.defineProperty(globalThis, name, {
            get() {
              throw new DOMException("Access is denied for this document.", "SecurityError");
            },
          });
        }
      },
    });
    await page.fill("#user", "alice");
    await page.fill("#password", "alice");
    await page.check("[name=transport][value=long-polling]", { force: true });
    await page.click("#sign-in-button");
    await page.locator("#panel-picture[data-state=live]").waitFor({ state: "attached" });
    expect(await page.textContent("#connection-transport")).toBe("Long polling");
    await page.click("#account summary");
    await page.click("#sign-out");
    await page.locator("#sign-in-form").waitFor();
  });

  it("lasts over a reload, and ends with signing out", async () => {
    const page = await browsers.signIn("alice");
    await page.reload();
    await page.locator("#panel-picture[data-state=live]").waitFor();
    expect(await page.textContent("#who")).toBe("alice");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.click("#account summary");
    await page.click("#sign-out");
    await page.locator("#sign-in-form").waitFor();
    await page.reload();
    await page.locator("#sign-in-form").waitFor();
  });
});

describe("the query box", () => {
  it("shows rows that arrive in parts", async () => {
    const graph = freshGraph();
    const page = await browsers.signIn("alice", { graph });
    await page.click("#tab-query");
    const triples = Array.from({ length: 40 }, (_, at) => `<${EX}${at}> <${EX}is> "${at}" .`).join(
      " ",
    );
    await page.fill("#query-text", `INSERT DATA { GRAPH <${graph}> { ${triples} } }`);
    await page.click("#query-run");
    await atRevision(page, 1);
    await page.fill("#query-text", "SELECT ?a ?b WHERE { ?x ?p ?a . ?y ?q ?b }");
    await page.keyboard.press("Control+Enter");
    await expect
      .poll(() => page.textContent("#query-status"))
      .toMatch(/^1,600 rows in 4 parts · \d+ ms$/);
    expect(await page.locator("#query-result tbody tr").count()).toBe(1600);
  });

  it("shows what is wrong with a query", async () => {
    const page = await browsers.signIn("alice");
    await page.click("#tab-query");
    await page.fill("#query-text", "SELECT WHERE");
    await page.click("#query-run");
    await page.locator("#query-error").waitFor();
    expect(await page.textContent("#query-error")).toMatch(
      /^This is not SPARQL: line 1, column \d+: .{1,40}\.$/,
    );
  });
});

it("shows a request, its answer and its latency, and both in the log", async () => {
  const page = await browsers.signIn("alice", { transport: "websocket" });
  await page.click("#tab-requests");
  await page.fill("#request-body", "over the bridge and back");
  await page.click("#request-send");
  const exchange = page.locator("#exchanges .exchange.ok").filter({ hasText: "services/echo" });
  await exchange.waitFor();
  expect(await exchange.locator(".latency").textContent()).toMatch(/^\d+\.\d ms$/);
  await exchange.locator("summary").click();
  const answer = exchange.locator(".message-view").filter({ hasText: "Answer" });
  expect(await answer.textContent()).toContain("over the bridge and back");
  expect(await answer.textContent()).toContain("echoedUseralice");
  const id = /\S+$/.exec((await exchange.locator(".exchange-id").textContent()) ?? "")?.[0] ?? "";
  expect(id).not.toBe("");

  await page.click("#tab-log");
  await page.fill("#log-filter", id);
  await expect.poll(() => page.locator("#log-body tr").count()).toBe(2);
  const lines = await page.locator("#log-body tr").allTextContents();
  expect(lines[1]).toContain("services/echo");
  expect(lines[1]).toContain("/anzo/bridge");
  expect(lines[0]).toContain("/anzo/user/alice/");
});

it("shows the topic of what arrives in the log", async () => {
  const graph = freshGraph();
  const page = await browsers.signIn("alice", { graph });
  await addTriple(page, `${EX}a`, `${EX}b`, "c");
  await atRevision(page, 1);
  await page.click("#tab-log");
  await page.fill("#log-filter", "topic message");
  await expect
    .poll(async () => (await page.locator("#log-body").textContent()) ?? "")
    .toContain(`namedgraphs/(${graph})`);
  expect(await page.textContent("#log-body")).toContain("transactions/completed");
});

it("can be used with the keyboard alone", async () => {
  const page = await browsers.open();
  await page.locator("#user:focus").waitFor();
  await page.keyboard.type("alice");
  await page.keyboard.press("Tab");
  await page.keyboard.type("alice");
  await page.keyboard.press("Enter");
  await page.locator("#panel-picture[data-state=live]").waitFor();

  const graph = freshGraph();
  await page.focus("#new-graph");
  await page.keyboard.press("Enter");
  await page.keyboard.type(graph);
  await page.keyboard.press("Enter");
  await atRevision(page, 1);
  await page.locator("#graph-dialog:not([open])").waitFor({ state: "attached" });

  await page.keyboard.press("n");
  await page.keyboard.type(`${EX}key`);
  await page.keyboard.press("Tab");
  await page.keyboard.type("rdfs:label");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Schlüssel");
  await page.keyboard.press("Enter");
  await atRevision(page, 2);

  await row(page, "Schlüssel").locator("[data-action=edit]").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("Key");
  await page.keyboard.press("Enter");
  await atRevision(page, 3);
  await row(page, "rdfs:label", "Key").and(page.locator(".is-added")).waitFor();

  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("3");
  await page.locator("#panel-query").waitFor();
  await page.keyboard.press("x");
  await page.locator("#connection[data-state=cut]").waitFor();
  await page.keyboard.press("x");
  await page.locator("#connection[data-state=connected]").waitFor();
  await page.keyboard.press("?");
  await page.locator("#help-dialog[open]").waitFor();
});

it("draws a resource's details, and without motion where none is wanted", async () => {
  const page = await browsers.signIn("alice", { reducedMotion: "reduce" });
  await page.locator("#triples-body [data-action=subject]").first().click();
  await page.locator("#details").waitFor();
  expect(await page.textContent("#details h3")).not.toBe("");
  await page.click("#arrange");
  await page.keyboard.press("Escape");
  await page.locator("#details").waitFor({ state: "hidden" });
});

it("keeps the focus after sign-in and editing, and gives back what was removed", async () => {
  const graph = freshGraph();
  const page = await browsers.signIn("alice", { graph });
  const focused = () => page.evaluate(() => document.activeElement?.id);
  expect(await focused()).toBe("graph-name");
  await addTriple(page, `${EX}a`, `${EX}is`, "old");
  await atRevision(page, 1);
  await row(page, "old").locator("[data-action=edit]").click();
  await page.keyboard.type("new");
  await page.keyboard.press("Enter");
  await atRevision(page, 2);
  await row(page, "new").locator("[data-action=edit]:focus").waitFor();
  await row(page, "new").locator("[data-action=remove]").click();
  await page.locator("#triples-undo button:focus").waitFor();
  await atRevision(page, 3);
  await page.keyboard.press("Enter");
  await atRevision(page, 4);
  await row(page, "new").locator("[data-action=edit]:focus").waitFor();
  expect(await page.textContent("#announcer")).toBe("alice added 1 triple, revision 4");
});

it("shows characters that reorder a text or an IRI", async () => {
  const page = await browsers.signIn("alice", { graph: freshGraph() });
  await addTriple(page, `${EX}report%E2%80%AEexe.png`, "rdfs:label", "in\u202Evoice\u200dd");
  await atRevision(page, 1);
  const text = await page.textContent("#triples-body");
  expect(text).toContain("report\\u{202E}exe.png");
  expect(text).toContain("in\\u{202E}voice\u200dd");
});

it("loads the picture only after the sign-in", async () => {
  const page = await browsers.open();
  await page.locator("#user:focus").waitFor();
  const loaded = () =>
    page.evaluate(() =>
      globalThis.performance
        .getEntriesByType("resource")
        .filter(({ name }) => name.endsWith(".js"))
        .map(({ name }) => new URL(name).pathname),
    );
  expect((await loaded()).filter((path) => path.startsWith("/js/"))).toEqual([]);
});

it("arranges all resources beside the page, alike for everybody", async () => {
  const graph = freshGraph();
  const alice = await browsers.signIn("alice", { graph });
  await alice.click("#tab-query");
  const links = Array.from(
    { length: 300 },
    (_, at) => `<${EX}${at}> <${EX}of> <${EX}${Math.floor(at / 3)}> .`,
  );
  await alice.fill("#query-text", `INSERT DATA { GRAPH <${graph}> { ${links.join("\n")} } }`);
  await alice.click("#query-run");
  await atRevision(alice, 1);
  const places = async (user) => {
    const page = await browsers.signIn(user, { graph });
    await page.getByRole("button", { name: "Draw all" }).click();
    await page.locator('#picture[data-nodes="300"]:not([data-arranging])').waitFor();
    // The page itself does not compute the layout.
    expect(page.workers()).toHaveLength(1);
    return page.evaluate(() => document.querySelector("#picture").dataset.layout);
  };
  const first = await places("alice");
  expect(first).not.toBeUndefined();
  expect(await places("bob")).toBe(first);
});

it("shows no two labels in one place", async () => {
  const page = await browsers.signIn("alice");
  const overlapping = await page.evaluate(
    ({ roomFor }) => {
      const boxes = Array.from({ length: 300 }, (_, at) => {
        const x1 = (at * 37) % 500;
        const y1 = (at * 91) % 400;
        return { id: String(at), x1, y1, x2: x1 + 80, y2: y1 + 16, weight: at % 7 };
      });
      const shown = boxes.filter(({ id }) => roomFor(boxes).has(id));
      const overlap = (a, b) => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
      const pairs = shown.flatMap((a, at) => shown.slice(at + 1).filter((b) => overlap(a, b)));
      return { shown: shown.length, pairs: pairs.length };
    },
    await browsers.module(page, "/app/picture/declutter.js"),
  );
  expect(overlapping.pairs).toBe(0);
  expect(overlapping.shown).toBeGreaterThan(20);
});

describe.each([
  { name: "wide", options: WIDE },
  { name: "phone", options: PHONE },
])("on a $name page", ({ name, options }) => {
  it.each(["light", "dark"])(
    "has nothing that hinders people, and no sideways scrolling (%s)",
    async (colorScheme) => {
      const page = await browsers.open({ ...options, colorScheme });
      await check(page);
      await page.fill("#user", "alice");
      await page.fill("#password", "alice");
      await page.keyboard.press("Enter");
      await page.locator("#panel-picture[data-state=live]").waitFor({ state: "attached" });
      for (const view of VIEWS.slice(name === "wide" ? 1 : 0)) {
        await page.click(`#tab-${view}`);
        if (view === "query") {
          await page.click("#query-run");
          await page.locator("#query-result td").first().waitFor();
        }
        await check(page);
      }
      await page.click("#load-files");
      await check(page);
    },
  );
});

async function check(page) {
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(sideways).toBeLessThanOrEqual(0);
  // By the debugger, which the policy does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, any }) => html + any.map((c) => c.message).join()).join("\n")}`,
  );
  expect(found).toEqual([]);
}
