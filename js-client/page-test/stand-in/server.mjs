// Serves the page for development: `npm run page:dev`, with the bridge's Content-Security-Policy and a stand-in for its
// services. PORT chooses the port (default: any).
import { randomUUID } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { StandInBayeux } from "./bayeux.mjs";
import { ServiceError, StandInGraphs } from "./graphs.mjs";

const ROLES = { alice: ["editor", "trader"], bob: ["viewer"], carol: ["sysadmin", "editor"] };
const WEBAPP = fileURLToPath(new URL("../../../webapp", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const TEAM = `
@prefix : <https://example.org/team/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:bridge a org:OrganizationalUnit ; rdfs:label "Bridge team" .
:alice a foaf:Person ; foaf:name "Alice" ; foaf:knows :bob, :carol ; org:memberOf :bridge .
:bob a foaf:Person ; foaf:name "Bob" ; foaf:knows :carol ; org:memberOf :bridge .
:carol a foaf:Person ; foaf:name "Carol" ; org:headOf :bridge .`;

/** @returns {Promise<{url: string, close(): Promise<void>}>} */
export async function startStandIn(port = 0) {
  const logins = new Map();
  const bayeux = new StandInBayeux(forward, ROLES, (topic) => graphs.snapshot(topic));
  const graphs = new StandInGraphs((...message) => bayeux.publish(...message));
  graphs.seed("https://example.org/graphs/team", TEAM, ["alice", "carol"]);

  function forward(session, { destination, properties = {}, body = "" }) {
    const { JMSCorrelationID, cancel, operation } = properties;
    if (cancel) return undefined;
    const send = (extra, text) =>
      bayeux.deliver(session, { properties: { JMSCorrelationID, ...extra }, body: text });
    if (destination === "services/echo") {
      send(
        { ...properties, status: "ok", echoedUser: session.user },
        typeof body === "string" ? body : JSON.stringify(body),
      );
    } else if (destination === "services/graph") {
      setTimeout(
        () => {
          try {
            const { contentType, parts } = graphs.answer(session.user, properties, body);
            parts.forEach((part, at) => {
              const done = String(at === parts.length - 1);
              const sequence = parts.length > 1 ? { sequence: at + 1, done } : {};
              send({ status: "ok", contentType, ...sequence }, part);
            });
          } catch (error) {
            const code = error instanceof ServiceError ? error.code : "internal";
            send(
              { status: "error", contentType: "application/json" },
              JSON.stringify({ code, message: error.message }),
            );
          }
        },
        operation === "graphs" ? 3 : 8,
      );
    } else {
      return `notAuthorized:${destination}`;
    }
    return undefined;
  }

  const userOf = ({ headers }) => logins.get(/LONGSPAN=([\w-]+)/.exec(headers.cookie ?? "")?.[1]);

  async function login(request, response) {
    if (request.method === "GET") {
      const user = userOf(request);
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ user }));
      return;
    }
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const user = form.get("user") ?? "";
    if (!(user in ROLES) || form.get("password") !== user) {
      response.writeHead(401).end();
      return;
    }
    const id = randomUUID();
    logins.set(id, user);
    response
      .writeHead(204, { "Set-Cookie": `LONGSPAN=${id}; Path=/; HttpOnly; SameSite=Strict` })
      .end();
  }

  function file(path, response) {
    const [root, rest] = path.startsWith("/js/") ? [DIST, path.slice(3)] : [WEBAPP, path];
    const name = root + normalize(rest === "/" ? "/index.html" : rest);
    const known = TYPES[extname(name)];
    if (
      !known ||
      name.includes("WEB-INF") ||
      !statSync(name, { throwIfNoEntry: false })?.isFile()
    ) {
      response.writeHead(404).end();
      return;
    }
    const headers = { "Content-Type": known, "Cache-Control": "no-cache" };
    response.writeHead(200, {
      ...headers,
      "Content-Security-Policy": POLICY,
      "X-Content-Type-Options": "nosniff",
    });
    createReadStream(name).pipe(response);
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://x");
    if (pathname === "/login") void login(request, response);
    else if (pathname === "/logout") {
      logins.delete(/LONGSPAN=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1]);
      response.writeHead(204).end();
    } else if (pathname.startsWith("/cometd")) {
      const user = userOf(request);
      if (user) void bayeux.http(request, response, user);
      else response.writeHead(401).end();
    } else file(pathname, response);
  });
  server.on("upgrade", (request, socket, head) => {
    const user = userOf(request);
    if (user) bayeux.upgrade(request, socket, head, user);
    else socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startStandIn(Number(process.env.PORT ?? 0));
  console.log(url);
}
