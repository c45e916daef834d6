/** The public API of `longspan/shared`, besides that of `longspan`. */
export { LongspanClient, type SharedOptions } from "./shared/shared-client.js";
