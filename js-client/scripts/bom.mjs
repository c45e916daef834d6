// Bills of materials in CycloneDX: what a bundle contains of other projects.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The folders of the packages in a bundle. @param metafile of esbuild */
export const packagesOf = (metafile) => [
  ...new Set(
    Object.keys(metafile.inputs).flatMap(
      (file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [],
    ),
  ),
];

export async function componentsOf(folders) {
  return Promise.all([...folders].sort().map(componentOf));
}

export const bomOf = (components) =>
  `${JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components }, null, 2)}\n`;

async function componentOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${root}/${folder}/package.json`));
  return {
    type: "library",
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    // Some packages still name theirs in the way of old.
    ...(typeof license === "string" && { licenses: [{ expression: license }] }),
  };
}
