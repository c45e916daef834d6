// Pictures of the page at its widths, light and dark: `node page-test/shots.mjs FOLDER`, for whoever changes its looks.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startStandIn } from "./stand-in/server.mjs";

const folder = process.argv[2] ?? "/tmp/shots";
const DATA =
  process.env.DEMO_DATA ?? new URL("../../../shared/data/schema.org", import.meta.url).pathname;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const standIn = process.env.LONGSPAN_URL ? undefined : await startStandIn();
const url = process.env.LONGSPAN_URL ?? standIn.url;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
});

async function open(user, { transport = "auto", ...options } = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && console.log(user, message.text()));
  page.on("pageerror", (error) => console.log(user, error.stack));
  await page.goto(url);
  await page.click(`[data-user=${user}]`);
  await page.check(`[name=transport][value=${transport}]`, { force: true });
  return page;
}
const signIn = async (page) => {
  await page.click("#sign-in-button");
  await page.waitForSelector("#panel-picture[data-state=live]");
};
const shot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });
const wide = { viewport: { width: 1440, height: 900 } };
const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

const alice = await open("alice", { ...wide, colorScheme: "light" });
await shot(alice, "01-sign-in-light");
await signIn(alice);
const bob = await open("bob", { ...wide, colorScheme: "dark", transport: "long-polling" });
await shot(bob, "02-sign-in-dark");
await signIn(bob);
await alice.fill("#add-subject", "https://example.org/team/dave");
await alice.fill("#add-predicate", "foaf:knows");
await alice.selectOption("#add-kind", "resource");
await alice.fill("#add-object", "https://example.org/team/alice");
await alice.click("#add-button");
await bob.waitForSelector("#picture[data-added]:not([data-added='0'])");
await bob.waitForTimeout(400);
await shot(alice, "03-team-alice-light");
await shot(bob, "04-team-bob-dark");

const graph = "https://example.org/graphs/auto";
await alice.click("#load-files");
await alice.fill("#load-graph", graph);
const files = readdirSync(DATA)
  .filter((name) => name.startsWith("auto-"))
  .sort()
  .map((name) => join(DATA, name));
await alice.setInputFiles("#load-input", files.slice(0, 10));
await alice.click("#load-start");
await alice.waitForFunction(() => document.querySelectorAll("#load-list .done").length === 10);
await shot(alice, "05-loaded-light");
await alice.click("#load-close");
await bob.selectOption("#graph", graph);
await bob.waitForSelector("#panel-picture[data-state=live]:not([data-revision='0'])");
await alice.waitForTimeout(8500);
await alice.click("#load-files");
await alice.setInputFiles("#load-input", files.slice(10));
await alice.click("#load-start");
await alice.waitForFunction(() => document.querySelectorAll("#load-list .done").length === 2);
await alice.click("#load-close");
await bob.waitForSelector("#panel-picture[data-revision='12']");
await bob.waitForTimeout(800);
await shot(alice, "06-auto-alice-light");
await shot(bob, "07-auto-bob-dark");
await alice.click("#tab-query");
await alice.click("#query-run");
await alice.waitForSelector("#query-result td");
await shot(alice, "08-query-light");
await alice.click("#tab-requests");
await alice.click("#request-send");
await alice.click(".exchange summary");
await alice.waitForTimeout(300);
await shot(alice, "09-requests-light");
await bob.click("#tab-log");
await bob.waitForTimeout(300);
await shot(bob, "10-log-dark");
await bob.click("#cut");
await bob.waitForTimeout(300);
await shot(bob, "11-cut-dark");

for (const [at, scheme] of ["light", "dark"].entries()) {
  const carol = await open("carol", { ...phone, colorScheme: scheme });
  await shot(carol, `2${at}0-phone-sign-in-${scheme}`);
  await signIn(carol);
  await carol.selectOption("#graph", graph);
  await carol.waitForSelector("#panel-picture[data-state=live]");
  await carol.waitForTimeout(600);
  for (const view of ["picture", "triples", "query", "requests", "log"]) {
    await carol.click(`#tab-${view}`);
    if (view === "query") await carol.click("#query-run");
    await carol.waitForTimeout(250);
    await shot(carol, `2${at}1-phone-${view}-${scheme}`);
  }
  await carol.context().close();
}
await browser.close();
await standIn?.close();
