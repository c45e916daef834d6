// Bundles the libraries of the demo page, which the bridge serves under /js/vendor/, and collects their licences.
import { build } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["vendor/cytoscape.js", "vendor/n3.js"],
  outdir: "dist/vendor",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  metafile: true,
});

const folders = new Set(
  Object.keys(metafile.inputs).flatMap(
    (file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [],
  ),
);
const licences = await Promise.all([...folders].sort().map(licenceOf));
await writeFile(`${root}/dist/vendor/LICENSES.txt`, licences.join("\n\n"));

// What the scripts of the WAR hold of other projects, as CycloneDX: cometd is in the client itself.
const components = await Promise.all(["node_modules/cometd", ...folders].sort().map(componentOf));
const bom = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components };
await writeFile(`${root}/dist/bom.json`, `${JSON.stringify(bom, null, 2)}\n`);

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

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${root}/${folder}/package.json`));
  const file = (await readdir(`${root}/${folder}`)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : await readFile(`${root}/${folder}/${file}`, "utf8");
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}
