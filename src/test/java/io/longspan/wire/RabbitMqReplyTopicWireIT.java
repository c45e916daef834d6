package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class RabbitMqReplyTopicWireIT extends RabbitMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TOPIC;
  }
}
