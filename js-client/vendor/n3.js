// Of N3.js the parts that the demo page uses: reading Turtle and N-Triples.
export { default as Parser } from "n3/src/N3Parser.js";
export { default as DataFactory } from "n3/src/N3DataFactory.js";
