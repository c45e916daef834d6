// In place of src/index.ts: the client of `longspan/core`, for the tests of what it has as well.
import type { ConnectionFactory } from "../../src/connection.js";
import { CoreClient, type CoreOptions } from "../../src/core.js";
import { coreSession } from "../../src/core-client.js";

export * from "../../src/core.js";

export class LongspanClient extends CoreClient {
  constructor(options: CoreOptions = {}, connections?: ConnectionFactory) {
    super(options, coreSession(options, connections));
  }
}
