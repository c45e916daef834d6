// Says how large the script build is, and fails when it outgrows its bound.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

// 500 more than before: what finds a network that is back, and WebSockets that work again, is worth a half percent of it.
const BOUND = 23_500;
const file = await readFile(new URL("../dist/longspan.min.js", import.meta.url));
const gzipped = gzipSync(file, { level: 9 }).length;
console.log(`longspan.min.js: ${file.length} bytes, ${gzipped} gzipped (bound ${BOUND})`);
if (gzipped > BOUND) process.exitCode = 1;
