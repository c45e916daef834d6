import type { SessionInfo } from "./connection.js";
import { isObject, stringOf, stringsOf } from "./json.js";

/** Versions of the protocol, the newest first. */
const VERSIONS = ["1.2", "1.1"];

/** The part of a handshake reply that describes the session. */
interface HandshakeReply {
  readonly clientId?: string;
  readonly ext?: object;
}

/** @returns the session; `undefined` if the server is not a bridge */
export function readSession(reply: HandshakeReply, defaultRoot: string): SessionInfo | undefined {
  const ext: Record<string, unknown> = { ...reply.ext };
  const bridge = isObject(ext.bridge) ? ext.bridge : {};
  const { clientId } = reply;
  const userChannel = stringOf(bridge.userChannel);
  if (clientId === undefined || userChannel === undefined) return undefined;
  // <root>/user/<user>/<clientId>
  const root = userChannel.split("/").slice(0, -3).join("/") || defaultRoot;
  const { bridgeId, user, protocolVersions } = bridge;
  return {
    clientId,
    userChannel,
    root,
    bridgeId: stringOf(bridgeId),
    user: stringOf(user),
    version: VERSIONS.find((version) => stringsOf(protocolVersions).includes(version)),
  };
}

/**
 * Returns the header `X-Correlation-Id` if the messages contain exactly one correlation id
 * (protocol section 7).
 */
export function correlationHeader(
  messages: readonly { readonly data?: unknown }[],
): Record<string, string> {
  const ids = messages.flatMap(({ data }) => {
    if (!isObject(data)) return [];
    const properties = isObject(data.properties) ? data.properties : {};
    return stringOf(data.correlationId) ?? stringOf(properties.JMSCorrelationID) ?? [];
  });
  const [id] = ids;
  // Header values are visible ASCII, but an application's id may contain any character.
  return ids.length === 1 && id !== undefined && /^[\x21-\x7e]+$/.test(id)
    ? { "X-Correlation-Id": id }
    : {};
}
