// Says how large the script build is, and fails when it outgrows its bound.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

// 600 bytes find a network that is back and WebSockets that work again; 100 tell whether a failed call may succeed later.
const BOUND = 23_700;
const file = await readFile(new URL("../dist/longspan.min.js", import.meta.url));
const gzipped = gzipSync(file, { level: 9 }).length;
console.log(`longspan.min.js: ${file.length} bytes, ${gzipped} gzipped (bound ${BOUND})`);
if (gzipped > BOUND) process.exitCode = 1;
