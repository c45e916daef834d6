#!/usr/bin/env node
// The command `longspan`: longspan types --url URL [--user NAME] > destinations.d.ts
import { parseArgs } from "node:util";
import { typesOf } from "./types.js";

const USAGE = `Usage: longspan types --url URL [--user NAME]

Writes the TypeScript types of the destinations that the user may use, as the bridge describes them.
The password is read from LONGSPAN_PASSWORD; LONGSPAN_TOKEN is a bearer token instead of both.
  --url    address of the bridge, for example https://bridge.example/
  --user   the user whose rights count
Needs the package json-schema-to-typescript where the catalogue has schemas.`;

const { positionals, values } = parse();
if (values.help) console.log(USAGE);
else if (positionals.join() !== "types" || values.url === undefined) fail(USAGE, 2);
else {
  try {
    process.stdout.write(await typesOf(await describe(values.url, values.user)));
  } catch (error) {
    fail(`longspan: ${error.message}`, 1);
  }
}

function parse() {
  const options = {
    url: { type: "string" },
    user: { type: "string" },
    help: { type: "boolean" },
  };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    fail(`longspan: ${error.message}\n${USAGE}`, 2);
    process.exit();
  }
}

/** Fetches the AsyncAPI document of the bridge. */
async function describe(url, user) {
  const { LONGSPAN_PASSWORD = "", LONGSPAN_TOKEN } = process.env;
  const headers = {};
  if (LONGSPAN_TOKEN !== undefined) headers.Authorization = `Bearer ${LONGSPAN_TOKEN}`;
  else if (user !== undefined) {
    const basic = Buffer.from(`${user}:${LONGSPAN_PASSWORD}`).toString("base64");
    headers.Authorization = `Basic ${basic}`;
  }
  const address = new URL("asyncapi.json", url.replace(/\/?$/, "/"));
  const response = await fetch(address, { headers }).catch((error) => {
    throw new Error(`${address}: ${error.cause?.message ?? error.message}`);
  });
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  return response.json();
}

function fail(text, status) {
  console.error(text);
  process.exitCode = status;
}
