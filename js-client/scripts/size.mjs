// Says how large the client is, gzipped, and fails if it outgrows its bounds: the script build, and
// a page that connects, asks and subscribes, with `longspan/core` and with `longspan`, bundled by
// esbuild and by Rollup.
import { build, transform } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rollup } from "rollup";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILES = {
  longspan: `${root}dist/longspan.js`,
  "longspan/core": `${root}dist/longspan.core.js`,
};
const page = (name, from) => `
  import { ${name} } from "${from}";
  const client = new ${name}();
  await client.connect();
  await client.topicSubscribe("news", ({ body }) => console.log(body));
  console.log((await client.request("services/echo", "hello")).text());`;
const CORE = page("CoreClient", "longspan/core");
const FULL = page("LongspanClient", "longspan");

report("longspan.min.js", await readFile(`${root}/dist/longspan.min.js`), 19_850);
report("a page with longspan/core, by esbuild", await byEsbuild(CORE), 15_080);
report("a page with longspan/core, by Rollup", await byRollup(CORE), 15_120);
report("a page with longspan, by esbuild", await byEsbuild(FULL), 20_370);
report("a page with longspan, by Rollup", await byRollup(FULL), 20_410);

function report(what, code, bound) {
  const gzipped = gzipSync(code, { level: 9 }).length;
  console.log(`${what}: ${code.length} bytes, ${gzipped} gzipped (bound ${bound})`);
  if (gzipped > bound) process.exitCode = 1;
}

async function byEsbuild(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    alias: FILES,
    bundle: true,
    format: "esm",
    legalComments: "none",
    minify: true,
    write: false,
  });
  return outputFiles[0].contents;
}

async function byRollup(contents) {
  const bundle = await rollup({
    input: "page",
    plugins: [
      {
        name: "page",
        resolveId: (id) => FILES[id] ?? (id === "page" ? id : null),
        load: (id) => (id === "page" ? contents : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "es" });
  await bundle.close();
  const { code } = await transform(output[0].code, {
    format: "esm",
    minify: true,
    legalComments: "none",
  });
  return code;
}
