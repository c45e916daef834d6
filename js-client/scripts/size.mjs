// Says how large the client is, gzipped, and fails if it outgrows its bounds: the script build, and
// a page that connects, asks and subscribes, bundled by esbuild and by Rollup.
import { build, transform } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rollup } from "rollup";

const root = fileURLToPath(new URL("..", import.meta.url));
const PAGE = `
  import { LongspanClient } from "longspan";
  const client = new LongspanClient();
  await client.connect();
  await client.topicSubscribe("news", ({ body }) => console.log(body));
  console.log((await client.request("services/echo", "hello")).text());`;

report("longspan.min.js", await readFile(`${root}/dist/longspan.min.js`), 20_850);
report("a page, by esbuild", await byEsbuild(), 20_500);
report("a page, by Rollup", await byRollup(), 20_600);

function report(what, code, bound) {
  const gzipped = gzipSync(code, { level: 9 }).length;
  console.log(`${what}: ${code.length} bytes, ${gzipped} gzipped (bound ${bound})`);
  if (gzipped > bound) process.exitCode = 1;
}

async function byEsbuild() {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: root },
    absWorkingDir: root,
    alias: { longspan: "./dist/longspan.js" },
    bundle: true,
    format: "esm",
    legalComments: "none",
    minify: true,
    write: false,
  });
  return outputFiles[0].contents;
}

async function byRollup() {
  const bundle = await rollup({
    input: "page",
    plugins: [
      {
        name: "page",
        resolveId: (id) =>
          id === "longspan" ? `${root}/dist/longspan.js` : id === "page" ? id : null,
        load: (id) => (id === "page" ? PAGE : null),
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
