import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

// Keeps the documents true that say which test shows what.

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

it("has the tests that docs/delivery.md names", async () => {
  const delivery = await read("docs/delivery.md");
  const [, section = ""] = delivery.split("## The JavaScript client behind a bad network");
  const [table = ""] = section.split("\n## ");
  const rows = table.split("\n").filter((line) => /^\| (?!what happens)/.test(line));
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) {
    const named = [...row.matchAll(/`([\w/-]+\.test\.ts)`: ((?:"[^"]+"(?:, )?)+)/g)];
    expect(named, row).not.toHaveLength(0);
    for (const [, file = "", titles = ""] of named) {
      const source = await read(`js-client/test/${file}`);
      for (const [, title = ""] of titles.matchAll(/"([^"]+)"/g)) expect(source).toContain(title);
    }
  }
});
