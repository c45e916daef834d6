// Builds the package: for browsers ES modules, a CommonJS module and scripts for a <script> tag, for Node.js a CommonJS module with an ES module in front of it, and the declarations for all.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { minify } from "terser";
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
    builder.onLoad({ filter: /src.(shared.)?\w[\w-]*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll("isNode()", "false"),
      loader: "ts",
    }));
  },
};

/**
 * Properties that only modules of this package use for each other. Every build shortens their names,
 * because minifiers do not. `test/unit/internal-names.test.ts` proves that they are neither public nor
 * on the wire, in a storage, or of the platform.
 */
const INTERNAL_NAMES = JSON.parse(await readFile(`${root}/scripts/internal-names.json`, "utf8"));

const { version } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
const common = {
  absWorkingDir: root,
  entryPoints: ["src/index.ts"],
  define: { LONGSPAN_VERSION: JSON.stringify(version) },
  bundle: true,
  mangleProps: new RegExp(`^(${INTERNAL_NAMES.join("|")})$`),
  target: "es2022",
  sourcemap: true,
  banner: { js: "/*! longspan, Apache-2.0. */" },
};

// What the entry points have in common is in files of its own, so that a page has it once.
await build({
  ...common,
  entryPoints: {
    longspan: "src/index.ts",
    "longspan.core": "src/core.ts",
    "longspan.shared": "src/shared.ts",
  },
  format: "esm",
  plugins: [withoutNode],
  splitting: true,
  chunkNames: "longspan.chunk-[hash]",
  outdir: "dist",
});
for (const name of ["streams", "react"]) {
  const entry = { ...common, entryPoints: [`src/${name}.ts`], external: ["react"] };
  await build({ ...entry, format: "esm", outfile: `dist/longspan.${name}.js` });
  await build({ ...entry, format: "cjs", outfile: `dist/longspan.${name}.cjs` });
}
await build({ ...common, format: "cjs", plugins: [withoutNode], outfile: "dist/longspan.cjs" });
await script("longspan.min.js", await globalOf("longspan", "src/index.ts"));
await script("longspan.shared.min.js", {
  ...(await globalOf("longspanShared", "src/shared.ts")),
  define: { ...common.define, "import.meta.url": "document.currentScript.src" },
});
await script("longspan.worker.js", { entryPoints: ["src/shared/worker.ts"] });
await script("inspector.js", { entryPoints: ["src/inspector.ts"] });
await build({
  ...common,
  format: "cjs",
  platform: "node",
  external: ["ws"],
  outfile: "dist/longspan.node.cjs",
});

const metafile = await metafileOf("src/index.ts");
// One copy of the classes for both kinds of modules, so that `instanceof` holds between them.
const names = namesIn(metafile);
await writeFile(
  `${root}/dist/longspan.node.js`,
  `export { ${names.join(", ")} } from "./longspan.node.cjs";\n`,
);
await writeFile(`${root}/dist/longspan.bom.json`, bomOf(await componentsOf(packagesOf(metafile))));
await declarations();
await checkNames();

async function metafileOf(entry) {
  const options = { ...common, entryPoints: [entry], format: "esm", plugins: [withoutNode] };
  return (await build({ ...options, metafile: true, write: false })).metafile;
}

/** The names that a module exports. */
function namesIn({ outputs }) {
  return Object.values(outputs).flatMap((each) => each.exports);
}

/** The options for a script that has the exports of a module in a global variable. */
async function globalOf(name, entry) {
  const names = namesIn(await metafileOf(entry)).join(", ");
  const contents = `import { ${names} } from "./${entry}"; globalThis.${name} = { ${names} };`;
  return { entryPoints: undefined, stdin: { contents, resolveDir: root } };
}

/** Builds a script for a page. Terser's names of variables make it smaller than esbuild's alone. */
async function script(file, options) {
  const path = `${root}/dist/${file}`;
  const { outputFiles } = await build({
    ...common,
    format: "iife",
    minify: true,
    plugins: [withoutNode],
    outfile: path,
    write: false,
    ...options,
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  const minified = await minify(code, {
    ecma: 2020,
    compress: { passes: 2 },
    // As with esbuild, so that a page may have any encoding.
    format: { ascii_only: true },
    sourceMap: { content: map, filename: file, url: `${file}.map` },
  });
  await writeFile(path, `${minified.code}\n`);
  await writeFile(`${path}.map`, minified.map);
}

async function declarations() {
  const folder = await mkdtemp(join(tmpdir(), "longspan-types-"));
  try {
    const tsc = `${root}/node_modules/typescript/bin/tsc`;
    const args = [tsc, "-p", "tsconfig.build.json", "--outDir", folder];
    execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });
    const dist = `${root}/dist`;
    // Each kind of module has declarations of its own.
    for (const [extension, names] of [
      ["d.ts", ["", ".core", ".shared", ".streams", ".react"]],
      ["d.cts", ["", ".core", ".streams", ".react"]],
    ]) {
      const input = names.map((name) => [
        `longspan${name}`,
        join(folder, `${name.slice(1) || "index"}.d.ts`),
      ]);
      const bundle = await rollup({
        input: Object.fromEntries(input),
        external: ["react"],
        plugins: [dts()],
        // A class has a method that is named by a symbol of this package.
        onLog: (level, log, handle) => log.message.includes("asyncDispose") || handle(level, log),
      });
      const entryFileNames = `[name].${extension}`;
      const chunkFileNames = `longspan.common.${extension}`;
      await bundle.write({ dir: dist, entryFileNames, chunkFileNames });
      await bundle.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A name that is declared cannot be shortened. */
async function checkNames() {
  const files = (await readdir(`${root}/dist`)).filter((file) => file.endsWith(".d.ts"));
  const texts = await Promise.all(files.map((file) => readFile(`${root}/dist/${file}`, "utf8")));
  const code = texts.join("\n").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  const declared = new Set(code.match(/[\w$]+/g));
  const wrong = INTERNAL_NAMES.filter((name) => declared.has(name));
  if (wrong.length > 0) throw new Error(`scripts/internal-names.json: public: ${wrong.join(", ")}`);
}
