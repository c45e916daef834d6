// Real files as successive revisions, loaded in one browser, seen in the other.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Parser } from "n3";
import { describe, expect, it } from "vitest";
import { atRevision, freshGraph, useBrowsers } from "./browser.mjs";

/** The real data lies beside a checkout, in a folder above it. */
const DATA = process.env.DEMO_DATA ?? findUpwards("shared/data/schema.org", import.meta.dirname);
const FILES = existsSync(DATA)
  ? readdirSync(DATA)
      .filter((name) => /^auto-.*\.ttl$/.test(name))
      .sort()
      .map((name) => join(DATA, name))
  : [];
const browsers = useBrowsers();

function findUpwards(name, folder) {
  const found = join(folder, name);
  return existsSync(found) || dirname(folder) === folder
    ? found
    : findUpwards(name, dirname(folder));
}

/** What each file changes, read with another library than the bridge's. */
function expectations() {
  let before = new Set();
  return FILES.map((file) => {
    // The service takes a needless backslash (auto-01, auto-06, …) for a backslash.
    const text = readFileSync(file, "utf8").replace(/(\\.)/gs, (pair) =>
      pair === "\\_" ? "\\\\_" : pair,
    );
    const quads = new Parser().parse(text);
    const now = new Set(
      quads.map(({ subject, predicate, object }) => `${subject.id} ${predicate.id} ${object.id}`),
    );
    const added = [...now].filter((key) => !before.has(key)).length;
    const removed = [...before].filter((key) => !now.has(key)).length;
    before = now;
    return { file, added, removed, triples: now.size };
  });
}

const sentence = ({ added, removed }, revision) => {
  if (added + removed === 0) return `alice made revision ${revision}, in which no triple differs`;
  const triples = (count) => `${count} ${count === 1 ? "triple" : "triples"}`;
  const counts = [
    added > 0 && `added ${triples(added)}`,
    removed > 0 && `removed ${triples(removed)}`,
  ].filter(Boolean);
  return `alice ${counts.join(" and ")}, revision ${revision}`;
};

describe.skipIf(FILES.length === 0).each(["websocket", "long-polling"])("over %s", (transport) => {
  it("each revision shows in the other browser", async () => {
    const graph = freshGraph();
    const alice = await browsers.signIn("alice", { transport, graph });
    const bob = await browsers.signIn("bob", { transport, graph });
    await alice.click("#load-files");
    expect(await alice.inputValue("#load-graph")).toBe(graph);
    const expected = expectations();
    expect(expected).toHaveLength(12);

    for (const [at, change] of expected.entries()) {
      await alice.setInputFiles("#load-input", [change.file]);
      await alice.click("#load-start");
      await atRevision(bob, at + 1);
      const bar = bob.locator(`#revision-bars [data-revision="${at + 1}"]`);
      await bar.waitFor();
      const label = basename(change.file, ".ttl");
      expect(await bar.getAttribute("aria-label")).toBe(`${sentence(change, at + 1)} (${label})`);
      expect(await bob.getAttribute("#panel-picture", "data-triples")).toBe(String(change.triples));
      if (change.added > 0) {
        await bob
          .locator("#picture:not([data-added='0']), #picture:not([data-changed='0'])")
          .waitFor({ state: "attached" });
      }
      await alice.locator("#load-list .done").waitFor();
    }
    await bob.fill("#triples-filter", "wheelbase");
    await expect
      .poll(() => bob.locator("#triples-body tr:not(.is-removed)").count())
      .toBeGreaterThan(3);
  });

  it("all of them at once arrive in their order", async () => {
    const graph = freshGraph();
    const alice = await browsers.signIn("alice", { transport, graph });
    const bob = await browsers.signIn("bob", { transport, graph });
    await alice.click("#load-files");
    await alice.setInputFiles("#load-input", FILES.toReversed());
    await alice.click("#load-start");
    await atRevision(bob, 12);
    await bob.locator("#revision-bars [data-revision='12']").waitFor();
    const seen = await bob
      .locator("#revision-bars button")
      .evaluateAll((bars) => bars.map((bar) => bar.dataset.revision));
    expect(seen).toEqual(FILES.map((_, at) => String(at + 1)));
    expect(await bob.getAttribute("#panel-picture", "data-triples")).toBe(
      String(expectations().at(-1).triples),
    );
  });
});

it("says plainly which file could not be loaded, and stops there", async () => {
  const graph = freshGraph();
  const alice = await browsers.signIn("alice", { graph });
  const file = (name, text) => ({ name, mimeType: "text/turtle", buffer: Buffer.from(text) });
  await alice.click("#load-files");
  await alice.setInputFiles("#load-input", [
    file("1.ttl", "<urn:a> <urn:b> <urn:c> ."),
    file("2.ttl", "<urn:a> <urn:b> no turtle"),
    file("3.ttl", "<urn:a> <urn:b> <urn:d> ."),
  ]);
  await alice.click("#load-start");
  await alice.locator("#load-error").waitFor();
  expect(await alice.textContent("#load-error")).toContain("Turtle");
  expect(await alice.locator("#load-list .done").count()).toBe(1);
  expect(await alice.locator("#load-list li.failed").textContent()).toContain("2.ttl");
  await alice.keyboard.press("Escape");
  await atRevision(alice, 1);
});

it("counts each change once, whatever the graph as it came already had", async () => {
  const page = await browsers.signIn("alice");
  const feedOfPage = await browsers.module(page, "/app/graph/feed.js");
  const seen = await page.evaluate(async ({ GraphFeed }) => {
    const state = (revision) => `<urn:s> <urn:is> "${revision}" .\n`;
    const message = (properties, body, more) => ({ properties, body, text: () => body, ...more });
    // Each revision replaces the value of the one before.
    const patch = (revision) =>
      message({ revision, user: "bob" }, `D ${state(revision - 1)}A ${state(revision)}`);
    const listeners = [];
    const bridge = {
      on: () => () => undefined,
      subscribe: (topic, listener) => Promise.resolve(listeners.push(listener)),
      unsubscribe: () => Promise.resolve(),
    };
    const feed = new GraphFeed(bridge, "urn:g");
    const changes = [];
    feed.on("change", ({ revision, added, removed }) =>
      changes.push([revision, added.length, removed.length]),
    );
    feed.open();
    const [receive] = listeners;
    receive(message({ revision: 16 }, state(16), { snapshot: true, last: true }));
    // The graph has them already: their messages may come again.
    receive(patch(15));
    receive(patch(16));
    receive(patch(17));
    receive(patch(18));
    // One is missing: the graph is read anew, and what an old subscription brings is ignored.
    receive(patch(20));
    receive(patch(21));
    listeners[1](message({ revision: 21 }, state(21), { snapshot: true, last: true }));
    listeners[1](patch(22));
    return { changes, state: [...feed.model.triples.values()].map(({ o }) => o.value) };
  }, feedOfPage);
  expect(seen).toEqual({
    changes: [
      [17, 1, 1],
      [18, 1, 1],
      [21, 1, 1],
      [22, 1, 1],
    ],
    state: ["22"],
  });
});
