package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class RabbitMqReplyQueueWireIT extends RabbitMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.QUEUE;
  }
}
