// Bundles the libraries of the demo page, which the bridge serves under /js/vendor/, and collects their licences.
import { build } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bomOf, componentsOf, packagesOf } from "./bom.mjs";

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

const folders = packagesOf(metafile);
const licences = await Promise.all([...folders].sort().map(licenceOf));
await writeFile(`${root}/dist/vendor/LICENSES.txt`, licences.join("\n\n"));

// What the scripts of the WAR contain of other projects: the client and the page's libraries.
const client = JSON.parse(await readFile(`${root}/dist/longspan.bom.json`)).components;
await writeFile(`${root}/dist/bom.json`, bomOf([...client, ...(await componentsOf(folders))]));

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${root}/${folder}/package.json`));
  const file = (await readdir(`${root}/${folder}`)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : await readFile(`${root}/${folder}/${file}`, "utf8");
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}
