package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class AmqpToActiveMqReplyTopicWireIT extends AmqpToActiveMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TOPIC;
  }
}
