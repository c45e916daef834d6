/**
 * The values that web clients and the bridge exchange: commands decoded from Bayeux data, payloads
 * encoded for user channels, names and error codes. {@code docs/protocol.md} is the contract.
 *
 * <p>This package depends on neither CometD nor JMS, nor on the other packages of the bridge.
 */
package io.longspan.protocol;
