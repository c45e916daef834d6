export { LongspanClient } from "../../src/index.js";
