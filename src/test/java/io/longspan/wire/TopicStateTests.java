package io.longspan.wire;

/**
 * What the bridge tells of topics, on both transports: who is present, which messages it has kept,
 * and what a user may use. How answers come back makes no difference here, so it is tested once for
 * each broker.
 */
abstract class TopicStateTests extends SharedBridge
    implements DescribeTests, PresenceTests, KeptMessageTests, TraceTests {}
