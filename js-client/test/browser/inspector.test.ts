import type { Browser } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../eventually.js";
import { connect, echo, launchChromium, openPage, signIn, withoutBrowser } from "./chromium.js";

// The panel of developers on a page of the bridge, under its Content-Security-Policy.

const { LONGSPAN_URL = "" } = process.env;

describe.skipIf(withoutBrowser)("the inspector", () => {
  let chromium: Browser;

  beforeAll(async () => {
    chromium = await launchChromium();
    return () => chromium.close();
  });

  it("shows what a client sends and receives, and filters it", async () => {
    const context = await chromium.newContext();
    await signIn(context, LONGSPAN_URL, "alice");
    const page = await openPage(context, LONGSPAN_URL);
    const problems: string[] = [];
    page.on("console", (said) => said.type() === "error" && problems.push(said.text()));
    await page.addScriptTag({ url: "/js/inspector.js" });
    await connect(page);
    await echo(page, "<b>hello</b>");
    const lines = page.locator("longspan-inspector li");
    await eventually(async () =>
      expect(await page.locator("output").textContent()).toBe("client 1: connected"),
    );
    await page.getByPlaceholder("filter").fill("<b>hello</b>");
    await eventually(async () => {
      const shown = (await lines.filter({ visible: true }).allTextContents()).map((line) =>
        line.slice(13, 27),
      );
      expect(shown).toEqual(["→ /anzo/bridge", "← /anzo/user/a"]);
    });
    expect(await page.locator("b").count()).toBe(0);
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await lines.count()).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });
});
