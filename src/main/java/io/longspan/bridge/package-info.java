/**
 * The core: the use cases of a web client on a JMS bus, and the state that they need. It knows
 * neither CometD nor JMS; both stand behind the ports {@link io.longspan.bridge.ClientChannel} and
 * {@link io.longspan.bridge.MessageBroker}.
 */
package io.longspan.bridge;
