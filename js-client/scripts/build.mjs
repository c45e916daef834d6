// Builds the package: for browsers an ES module, a CommonJS module and a script for a <script> tag,
// for Node.js a CommonJS module with an ES module in front of it, and the declarations for all.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { bomOf, componentsOf, packagesOf } from "./bom.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
await rm(`${root}/dist`, { recursive: true, force: true });

/** What only Node.js needs: the package `ws`, which no bundler of a page may see, and what asks for Node.js. */
const withoutNode = {
  name: "without-node",
  setup(builder) {
    builder.onLoad({ filter: /src.node-web-socket\.ts$/ }, () => ({
      contents: "export const nodeWebSocket = undefined;",
    }));
    builder.onLoad({ filter: /src.\w[\w-]*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll("isNode()", "false"),
      loader: "ts",
    }));
  },
};

const common = {
  absWorkingDir: root,
  entryPoints: ["src/index.ts"],
  bundle: true,
  target: "es2022",
  sourcemap: true,
  banner: { js: "/*! longspan, Apache-2.0. */" },
};

for (const [format, outfile] of [
  ["esm", "dist/longspan.js"],
  ["cjs", "dist/longspan.cjs"],
]) {
  await build({ ...common, format, plugins: [withoutNode], outfile });
}
await build({
  ...common,
  format: "iife",
  globalName: "longspan",
  minify: true,
  plugins: [withoutNode],
  outfile: "dist/longspan.min.js",
});
await build({
  ...common,
  format: "cjs",
  platform: "node",
  external: ["ws"],
  outfile: "dist/longspan.node.cjs",
});

const { metafile } = await build({
  ...common,
  format: "esm",
  plugins: [withoutNode],
  metafile: true,
  write: false,
});
// One copy of the classes for both kinds of modules, so that `instanceof` holds between them.
const names = Object.values(metafile.outputs).flatMap((each) => each.exports);
await writeFile(
  `${root}/dist/longspan.node.js`,
  `export { ${names.join(", ")} } from "./longspan.node.cjs";\n`,
);
await writeFile(`${root}/dist/longspan.bom.json`, bomOf(await componentsOf(packagesOf(metafile))));
await declarations();

async function declarations() {
  const folder = await mkdtemp(join(tmpdir(), "longspan-types-"));
  try {
    const tsc = `${root}/node_modules/typescript/bin/tsc`;
    const args = [tsc, "-p", "tsconfig.build.json", "--outDir", folder];
    execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });
    const bundle = await rollup({ input: join(folder, "index.d.ts"), plugins: [dts()] });
    await bundle.write({ file: `${root}/dist/longspan.d.ts`, format: "es" });
    await bundle.close();
    await copyFile(`${root}/dist/longspan.d.ts`, `${root}/dist/longspan.d.cts`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
