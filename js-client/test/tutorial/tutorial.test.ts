import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { launchChromium } from "../browser/chromium.js";

// Executes docs/tutorial.md: writes its files and runs its commands, against a running bridge.

const { LONGSPAN_URL = "" } = process.env;
const run = promisify(execFile);
const client = fileURLToPath(new URL("../..", import.meta.url));
const tutorial = new URL("../../../docs/tutorial.md", import.meta.url);

interface Block {
  /** The file that it is the content of; otherwise it is commands. */
  readonly file: string | undefined;
  readonly text: string;
}

async function blocks(): Promise<Block[]> {
  const text = (await readFile(tutorial, "utf8")).replaceAll(
    "http://127.0.0.1:8080",
    new URL(LONGSPAN_URL).origin,
  );
  const found = text.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```\w+\n([\s\S]*?)^```/gm);
  return [...found].map(([, file, content = ""]) => ({ file, text: content }));
}

/** Starts the development server. @returns its address, and what stops it */
async function develop(root: string): Promise<[string, () => void]> {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const server = spawn(process.execPath, [vite, "--host", "127.0.0.1", "--port", "0"], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1" },
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(line)?.[1];
    if (url !== undefined) return [url, () => server.kill()];
  }
  throw new Error("the development server has ended");
}

it("leads from an empty folder to a page in two tabs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "longspan-tutorial-"));
  const { stdout: packed } = await run(
    "npm",
    ["pack", "--ignore-scripts", "--pack-destination", folder],
    { cwd: client },
  );
  const root = join(folder, "my-page");
  let inside = false;
  for (const { file, text } of await blocks()) {
    if (file !== undefined) await writeFile(join(root, file), text);
    else {
      for (const command of text.trim().split("\n")) {
        if (command.startsWith("java") || command === "npm run dev") continue;
        if (command === "cd my-page") inside = true;
        else {
          const cwd = inside ? root : folder;
          const own = command.replace(/install longspan$/, `install ../${packed.trim()}`);
          await run("bash", ["-c", own], { cwd, env: { ...process.env, npm_config_yes: "true" } });
        }
      }
    }
  }
  await run("npm", ["run", "build"], { cwd: root });
  const app = await readFile(join(root, "src/App.tsx"), "utf8");
  await writeFile(join(root, "src/App.tsx"), app.replace("services/echo", "services/ecko/x"));
  await expect(run("npx", ["tsc", "-b"], { cwd: root })).rejects.toThrow("tsc");
  await writeFile(join(root, "src/App.tsx"), app);

  const [url, stop] = await develop(root);
  const browser = await launchChromium();
  try {
    const context = await browser.newContext();
    const [one, two] = [await context.newPage(), await context.newPage()];
    for (const page of [one, two]) {
      await page.goto(url);
      await expect
        .poll(() => page.locator("p").textContent())
        .toBe("connected. The service answers");
    }
    await one.getByLabel("Message").fill("hello");
    await one.getByRole("button", { name: "Send" }).click();
    for (const page of [one, two]) {
      await expect.poll(() => page.locator("li").allTextContents()).toEqual(["hello"]);
    }
    // The connection is in the worker: no tab leads.
    const { held = [] } = await one.evaluate(() => navigator.locks.query());
    expect(held.map(({ name }) => name)).not.toContainEqual(
      expect.stringMatching(/^longspan \S+$/),
    );
  } finally {
    await browser.close();
    stop();
    await rm(folder, { recursive: true, force: true });
  }
});
