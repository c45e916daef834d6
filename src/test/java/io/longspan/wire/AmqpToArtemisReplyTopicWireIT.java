package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class AmqpToArtemisReplyTopicWireIT extends AmqpToArtemisWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TOPIC;
  }
}
