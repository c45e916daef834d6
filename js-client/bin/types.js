// Makes TypeScript types of an AsyncAPI document of the bridge.

const HEADER = `// Written by "longspan types". Do not edit.
import type { JsonValue, SendBody } from "longspan";
`;

/** What a right is called in the types, by kind of destination. */
const USES = {
  queue: { send: ["send", "answer"], receive: ["work"] },
  topic: { send: ["send"], subscribe: ["message"] },
};

/** Returns the text of a file that exports `Destinations`. */
export async function typesOf({ channels = {}, operations = {} }) {
  const bodies = [];
  const names = [];
  const templates = [];
  for (const [id, channel] of Object.entries(channels)) {
    const schema = channel.messages?.body?.payload;
    if (schema !== undefined) bodies.push(await namespace(id, schema));
    const body = schema === undefined ? undefined : `${id}.Body`;
    const uses = Object.entries(USES[channel["x-kind"]] ?? {})
      .filter(([right]) => `${right}_${id}` in operations)
      .flatMap(([, members]) => members)
      .map((member) => `${member}: ${typeOf(member, body)}`);
    if (uses.length === 0) continue;
    const { title } = channel;
    const comment = title === undefined ? "" : `  /** ${title.replaceAll("*/", "* /")} */\n`;
    const member = `{ ${uses.join("; ")} };\n`;
    const { address } = channel;
    if (!address.includes("{")) names.push(`${comment}  ${JSON.stringify(address)}: ${member}`);
    else templates.push(`${comment}  [name: ${template(address)}]: ${member}`);
  }
  // One type each: a name may fit a template that gives other rights.
  const types = [names, ...templates.map((each) => [each])].filter(({ length }) => length > 0);
  const all = types.map((members) => `{\n${members.join("")}}`).join(" & ") || "object";
  return [HEADER, ...bodies, `export type Destinations = ${all};\n`].join("\n");
}

function typeOf(member, body) {
  if (member === "answer") return "JsonValue";
  return body ?? (member === "send" ? "SendBody" : "JsonValue");
}

/** Returns a name with variables as a template literal type. */
const template = (address) =>
  `\`${address
    .split(/\{[^}]*\}/)
    .map((text) => text.replace(/[`\\$]/g, "\\$&"))
    .join("${string}")}\``;

/** Returns the types of a schema; each in a namespace, because schemas may use the same names. */
async function namespace(id, schema) {
  const { compile } = await import("json-schema-to-typescript").catch(() => {
    throw new Error("the catalogue has schemas: npm install json-schema-to-typescript");
  });
  // Its title would be the name of the type.
  const untitled = { ...schema, title: undefined };
  const options = { bannerComment: "", format: false, ignoreMinAndMaxItems: true };
  const text = await compile(untitled, "Body", options);
  return `export declare namespace ${id} {\n${text.trim().replace(/^/gm, "  ")}\n}\n`;
}
