import type { RefusedError } from "./errors.js";

/** Whether the same command may succeed later. */
export const isTemporary = ({ bridgeCode }: RefusedError): boolean =>
  bridgeCode === "brokerUnavailable" || bridgeCode === "limitExceeded";
