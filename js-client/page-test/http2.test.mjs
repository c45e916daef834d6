// The page over HTTP/2, on a bridge of its own with TLS. Needs the program openssl.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startBridge } from "../scripts/running-bridge.mjs";
import { addTriple, atRevision, freshGraph, row, useBrowsers } from "./browser.mjs";

const EX = "https://example.org/things/";
const target = fileURLToPath(new URL("../../target/", import.meta.url));

/** With a certificate that the browser of these tests accepts from anybody. */
async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), "longspan-http2-"));
  const certificate = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"],
    ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ]);
  const bridge = startBridge({
    war: process.env.LONGSPAN_WAR ?? `${target}longspan.war`,
    log: `${target}http2-page.log`,
    settings: {
      LONGSPAN_HTTP_HTTP2: "true",
      LONGSPAN_HTTP_TLS_CERTIFICATE: certificate,
      LONGSPAN_HTTP_TLS_KEY: key,
    },
  });
  const close = async () => {
    await bridge.stop();
    await rm(folder, { recursive: true });
  };
  try {
    return { url: await bridge.ready, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The protocols of all requests of a page, by ALPN's names. */
const protocols = (page, path = "") =>
  page.evaluate(
    (wanted) =>
      ["navigation", "resource"]
        .flatMap((type) => globalThis.performance.getEntriesByType(type))
        .filter(({ name }) => new URL(name).pathname.includes(wanted))
        .map(({ nextHopProtocol }) => nextHopProtocol),
    path,
  );

describe("over HTTP/2", () => {
  const browsers = useBrowsers(startServer);

  it.each(["long-polling", "websocket"])(
    "signs in, sends requests and receives topics by %s",
    async (transport) => {
      const graph = freshGraph();
      const options = { transport, graph, ignoreHTTPSErrors: true };
      const alice = await browsers.signIn("alice", options);
      const bob = await browsers.signIn("bob", options);
      await addTriple(alice, `${EX}tower`, `${EX}holds`, `${EX}cable`, "resource");
      await atRevision(bob, 1);
      await expect.poll(() => row(bob, "tower", "cable").count()).toBe(1);

      for (const page of [alice, bob]) {
        expect(new Set(await protocols(page))).toEqual(new Set(["h2"]));
        if (transport === "long-polling") {
          expect((await protocols(page, "/cometd")).length).toBeGreaterThan(3);
        }
      }
    },
  );
});
