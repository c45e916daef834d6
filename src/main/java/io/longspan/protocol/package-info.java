/**
 * What travels between a web client and the bridge, as values: commands decoded from Bayeux data,
 * payloads encoded for the user channel, names, error codes.
 *
 * <p>Nothing here knows CometD, JMS or the rest of the bridge. The contract is {@code
 * docs/protocol.md}.
 */
package io.longspan.protocol;
