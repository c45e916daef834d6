import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, withoutBrowser } from "../browser/chromium.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";
import { Project } from "./project.js";

// The packed client in a project of Next.js, as the chapter "Development server" of the README has
// it. Next.js is installed from the registry, so this runs only if LONGSPAN_NEXT names its version.

const { LONGSPAN_NEXT: version = "" } = process.env;

const LIVE = `"use client";
import { Suspense } from "react";
import { LongspanClient } from "longspan";
import { createHooks } from "longspan/react";

interface Destinations {
  "services/echo": { send: string; answer: string };
  news: { message: string };
}

const { LongspanProvider, useAnswer, useRequest, useStatus, useTopic } = createHooks<Destinations>();
const client = new LongspanClient<Destinations>({ token: "of-alice" });

function Status() {
  const status = useStatus();
  const { active } = useTopic("news");
  const { answer } = useRequest("services/echo", "hello");
  const over = status === "connected" ? client.transport : "nothing";
  return <p id="status">{[status, active, answer?.text(), over].join(" ")}</p>;
}

function Answer() {
  return <p id="answer">{useAnswer("services/echo", "suspended").text()}</p>;
}

export function Live() {
  return (
    <LongspanProvider client={client}>
      <Status />
      <Suspense fallback={<p id="answer">waiting</p>}>
        <Answer />
      </Suspense>
    </LongspanProvider>
  );
}
`;

const PAGE = `import { Live } from "./live";
export default function Page() {
  return <Live />;
}
`;

const LAYOUT = `import type { ReactNode } from "react";
export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head><link rel="icon" href="data:," /></head>
      <body>{children}</body>
    </html>
  );
}
`;

describe.skipIf(version === "")("in Next.js", () => {
  let project: Project;
  let peer: BayeuxPeer;
  let browser: Browser | undefined;
  let running: ChildProcess | undefined;

  beforeAll(async () => {
    [project, peer] = await Promise.all([Project.create(), BayeuxPeer.start()]);
    peer.tokens.set("of-alice", "alice");
    peer.anonymousUpgrades = true;
    await project.install(
      ...[`next@${version}`, "react@19", "react-dom@19"],
      ...["typescript@5", "@types/node@20", "@types/react@19", "@types/react-dom@19"],
    );
    await project.write("app/live.tsx", LIVE);
    await project.write("app/page.tsx", PAGE);
    await project.write("app/layout.tsx", LAYOUT);
    const destination = `${new URL(peer.url).origin}/cometd`;
    await project.write(
      "next.config.ts",
      `export default { rewrites: async () => [{ source: "/cometd", destination: "${destination}" }] };`,
    );
    if (!withoutBrowser) browser = await launchChromium();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await peer.stop();
    await project.remove();
  });

  const next = (...args: string[]) => [project.path("node_modules/next/dist/bin/next"), ...args];

  async function serve(command: "dev" | "start"): Promise<number> {
    const port = await freePort();
    const args = next(command, "--hostname", "127.0.0.1", "--port", String(port));
    running = spawn(process.execPath, args, {
      cwd: project.root,
      env: { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: "1" },
      stdio: "inherit",
    });
    await expect
      .poll(() => fetch(`http://127.0.0.1:${port}/`).then((it) => it.status, String), {
        timeout: 240_000,
      })
      .toBe(200);
    return port;
  }

  async function stop(): Promise<void> {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  /** Opens the page until it shows what came over the proxy of Next.js. */
  async function works(port: number): Promise<void> {
    const page = await browser!.newPage();
    const problems: string[] = [];
    page.on("console", (said) => said.type() === "error" && problems.push(said.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${port}/`);
    const text = (id: string) => page.locator(`#${id}`).textContent();
    await expect
      .poll(async () => [problems, await text("status"), await text("answer")], {
        timeout: 120_000,
      })
      .toEqual([[], "connected true hello websocket", "suspended"]);
    await page.close();
  }

  it("is built with strict types, and rendered on the server", async () => {
    expect(await project.node(...next("build"))).toContain("Compiled successfully");
    const html = await readFile(project.path(".next/server/app/index.html"), "utf8");
    expect(html).toContain('<p id="status">disconnected false  nothing</p>');
    expect(html).toContain('<p id="answer">waiting</p>');
  }, 600_000);

  it.skipIf(withoutBrowser).each(["start", "dev"] as const)(
    "works in a page of next %s",
    async (command) => {
      try {
        await works(await serve(command));
      } finally {
        await stop();
      }
    },
    600_000,
  );
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
