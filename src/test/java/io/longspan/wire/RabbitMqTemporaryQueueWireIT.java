package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class RabbitMqTemporaryQueueWireIT extends RabbitMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TEMPORARY_QUEUE;
  }
}
