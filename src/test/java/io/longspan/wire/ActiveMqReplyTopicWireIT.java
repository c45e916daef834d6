package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class ActiveMqReplyTopicWireIT extends ActiveMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TOPIC;
  }
}
