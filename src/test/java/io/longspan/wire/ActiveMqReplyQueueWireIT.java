package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class ActiveMqReplyQueueWireIT extends ActiveMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.QUEUE;
  }
}
