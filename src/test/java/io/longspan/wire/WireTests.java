package io.longspan.wire;

/**
 * The protocol at the wire, on both transports: each interface tests some sections of the protocol.
 * A subclass names the broker. All interfaces share one broker and one bridge.
 */
abstract class WireTests extends SharedBridge
    implements HandshakeTests,
        HandshakeConnectTests,
        SendTests,
        EntrySettingsTests,
        ReplyTests,
        ReplyModeTests,
        SubscriptionTests,
        AddressingTests {}
