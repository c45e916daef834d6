// One browser edits, the other sees it: over a WebSocket and over long polling, and from one to the other.
import { describe, expect, it } from "vitest";
import { addTriple, atRevision, freshGraph, pictured, row, useBrowsers } from "./browser.mjs";

const EX = "https://example.org/things/";
const browsers = useBrowsers();

/** The texts in the table, sorted. */
const literals = async (page) =>
  (await page.locator("#triples-body .object .text").allTextContents()).sort();

describe.each([
  { editor: "websocket", viewer: "websocket" },
  { editor: "long-polling", viewer: "long-polling" },
  { editor: "websocket", viewer: "long-polling" },
])("$editor to $viewer", ({ editor, viewer }) => {
  it("shows what is added, changed and removed, highlighted", async () => {
    const graph = freshGraph();
    const alice = await browsers.signIn("alice", { transport: editor, graph });
    const bob = await browsers.signIn("bob", { transport: viewer, graph });

    await addTriple(alice, `${EX}tower`, `${EX}holds`, `${EX}cable`, "resource");
    await atRevision(bob, 1);
    await pictured(bob, "added", 3); // two resources and the link between them
    await pictured(bob, "nodes", 2);
    await expect.poll(() => row(bob, "tower", "cable").getAttribute("class")).toContain("is-added");
    await expect.poll(() => bob.textContent("#announcer")).toBe("alice added 1 triple, revision 1");

    await addTriple(alice, `${EX}tower`, `${EX}height`, "227 m");
    await atRevision(bob, 2);
    await pictured(bob, "changed", 1); // a literal changes the resource, not its links
    const height = row(alice, "tower", "227 m");
    await height.locator("[data-action=edit]").click();
    await alice.fill(".edit-form input", "228 m");
    await alice.keyboard.press("Enter");
    await atRevision(bob, 3);
    await expect.poll(() => row(bob, "227 m").getAttribute("class")).toContain("is-removed");
    await expect.poll(() => row(bob, "228 m").getAttribute("class")).toContain("is-added");

    await row(alice, "holds", "cable").locator("[data-action=remove]").click();
    await atRevision(bob, 4);
    await bob.locator("#picture:not([data-gone='0'])").waitFor({ state: "attached" });
    await pictured(bob, "gone", 0); // shown for a moment, then gone
    await pictured(bob, "edges", 0);
    await row(bob, "holds", "cable").waitFor({ state: "detached" });
    expect(await bob.getAttribute("#panel-picture", "data-triples")).toBe("1");
  });

  it("says what was missed while the connection was cut", async () => {
    const graph = freshGraph();
    const alice = await browsers.signIn("alice", { transport: editor, graph });
    await addTriple(alice, `${EX}deck`, `${EX}is`, "closed");
    await atRevision(alice, 1);
    const bob = await browsers.signIn("bob", { transport: viewer, graph });
    await atRevision(bob, 1);

    await bob.click("#cut");
    await bob.locator("#connection[data-state=cut]").waitFor();
    expect(await bob.isVisible("#banner")).toBe(true);
    await addTriple(alice, `${EX}deck`, `${EX}is`, "open");
    await addTriple(alice, `${EX}deck`, `${EX}is`, "swept");
    await atRevision(alice, 3);
    expect(await bob.getAttribute("#panel-picture", "data-revision")).toBe("1");

    await bob.click("#cut");
    await bob.locator("#connection[data-state=connected]").waitFor();
    await atRevision(bob, 3);
    await row(bob, "swept").waitFor();
    expect(await bob.isVisible("#banner")).toBe(false);
    await addTriple(alice, `${EX}deck`, `${EX}is`, "painted");
    await atRevision(bob, 4);
  });
});

it("carries any text unharmed", async () => {
  const graph = freshGraph();
  const alice = await browsers.signIn("alice", { graph });
  const bob = await browsers.signIn("bob", { graph });
  const texts = [
    '"} } ; DROP ALL #',
    "\\u0022 } ; DROP ALL #",
    "back\\slash \\n",
    "Fjärås 🌉 木",
    "<b>bold</b>",
  ];
  for (const [at, text] of texts.entries()) {
    await addTriple(alice, `${EX}sign`, `${EX}says`, text);
    await atRevision(bob, at + 1);
  }
  await expect.poll(() => literals(bob)).toEqual([...texts].sort());
});

it("tells who may only read so, and why an update was refused", async () => {
  const graph = freshGraph();
  const alice = await browsers.signIn("alice", { graph });
  await addTriple(alice, `${EX}gate`, `${EX}is`, "shut");
  await atRevision(alice, 1);
  const bob = await browsers.signIn("bob", { graph });
  expect(await bob.isVisible("#add-form")).toBe(false);
  expect(await bob.isVisible("#read-only")).toBe(true);
  expect(await row(bob, "shut").locator("[data-action=edit]").count()).toBe(0);

  await bob.click("#tab-query");
  await bob.fill(
    "#query-text",
    `INSERT DATA { GRAPH <${graph}> { <${EX}gate> <${EX}is> "open" } }`,
  );
  await bob.click("#query-run");
  await bob.locator("#query-error").waitFor();
  expect(await bob.textContent("#query-error")).toContain(graph);
  expect(await alice.getAttribute("#panel-picture", "data-revision")).toBe("1");
});

it("shows in the list of graphs that another one changed", async () => {
  const graph = freshGraph();
  const bob = await browsers.signIn("bob");
  const alice = await browsers.signIn("alice", { graph });
  await addTriple(alice, `${EX}a`, `${EX}b`, "c");
  await bob.locator(`#graph option[value="${graph}"]`).waitFor({ state: "attached" });
  await bob.locator(".graph-choice[data-news]:not([data-news=''])").waitFor();
  await bob.selectOption("#graph", graph);
  await row(bob, "c").waitFor();
});

it("keeps what is typed while the triple before is on its way", async () => {
  const graph = freshGraph();
  const alice = await browsers.signIn("alice", { graph });
  await addTriple(alice, `${EX}a`, `${EX}b`, "0");
  // In one turn: typed and sent before any answer can come.
  await alice.evaluate(() => {
    const object = document.getElementById("add-object");
    for (const text of ["1", "2", "3"]) {
      object.value = text;
      object.form.requestSubmit();
    }
    object.value = "not sent yet";
  });
  await atRevision(alice, 4);
  expect(await alice.inputValue("#add-object")).toBe("not sent yet");
  await expect.poll(() => literals(alice)).toEqual(["0", "1", "2", "3"]);
});

it("shows who looks at the same graph", async () => {
  const graph = freshGraph();
  const alice = await browsers.signIn("alice", { graph });
  expect(await alice.isVisible("#viewers")).toBe(false);
  const bob = await browsers.signIn("bob", { graph });
  await expect.poll(() => alice.locator("#viewers li").allTextContents()).toEqual(["Bbob"]);
  await expect.poll(() => bob.locator("#viewers li").allTextContents()).toEqual(["Aalice"]);
  await bob.selectOption("#graph", "https://example.org/graphs/team");
  await alice.locator("#viewers").waitFor({ state: "hidden" });
});
