"""The queues that a client consumes (protocol section 15)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Set

from .codec import QueuesRevoked
from .deliveries import Deliveries, Delivery
from .errors import LongspanError, NotSentError, RefusedError
from .message import Message
from .options import Backoff
from .requests import Sender

log = logging.getLogger("longspan")


class QueueMessage:
    """A message of a queue, and what becomes of it. The first of the three calls counts."""

    def __init__(self, message: Message, delivery: Delivery) -> None:
        self.message = message
        self._delivery = delivery

    @property
    def delivery_count(self) -> int:
        """How often the broker has delivered the message, this time included."""
        return int(self.message.properties.get("JMSXDeliveryCount", 1))

    async def acknowledge(self) -> bool:
        """Returns whether the broker has taken it; if not, the message is delivered again."""
        return await self._delivery.settle({"type": "ack"})

    async def release(self, delay: float = 0.0) -> bool:
        """Gives the message back to the queue, after ``delay`` seconds."""
        fate: Dict[str, Any] = {"type": "release"}
        if delay > 0:
            fate["delay"] = int(delay * 1000)
        return await self._delivery.settle(fate)

    async def reject(self, reason: Optional[str] = None) -> bool:
        """Moves the message to the dead letters."""
        fate = {"type": "reject"} if reason is None else {"type": "reject", "reason": reason}
        return await self._delivery.settle(fate)


QueueHandler = Callable[[QueueMessage], Optional[Awaitable[None]]]


class QueueSubscription:
    """The consumption of a queue."""

    def __init__(
        self,
        queue: str,
        handler: QueueHandler,
        options: Mapping[str, Any],
        leave: Callable[["QueueSubscription"], Awaitable[None]],
    ) -> None:
        self.queue = queue
        self._handler = handler
        self._options = options
        self._leave = leave
        #: Whether the bridge has confirmed it; then it is begun again in a new session.
        self._established = False
        self._begun: Optional[object] = None

    async def unsubscribe(self) -> None:
        """Ends it. What is not acknowledged goes back to the queue. Idempotent."""
        await self._leave(self)


class Queues:
    """The queues that this client consumes."""

    def __init__(
        self,
        session: Sender,
        deliveries: Deliveries,
        backoff: Backoff,
        revoked: Callable[[QueuesRevoked], None],
    ) -> None:
        self._session = session
        self._deliveries = deliveries
        self._backoff = backoff
        self._revoked = revoked
        self._consumers: Dict[str, QueueSubscription] = {}
        self._tasks: Set["asyncio.Task[None]"] = set()

    async def subscribe(
        self, queue: str, handler: QueueHandler, options: Mapping[str, Any]
    ) -> QueueSubscription:
        if queue in self._consumers:
            raise ValueError(f"queue: {queue} is already consumed")
        if not self._session.connected:
            raise NotSentError("The client is not connected")
        consumer = QueueSubscription(queue, handler, options, self._unsubscribe)
        self._consumers[queue] = consumer
        try:
            await self._ask(consumer)
        except BaseException:
            self._drop(consumer)
            raise
        return consumer

    def dispatch(self, message: Message) -> None:
        consumer = self._consumers.get(message.queue or "")
        if consumer is None:
            # It is released by that, if it was not on its way while the consumption ended.
            self._spawn(self._leave_unknown(message.queue or ""))
            return
        delivery = self._deliveries.add(message.delivery or "")
        self._spawn(self._process(consumer, QueueMessage(message, delivery), delivery))

    def end(self, event: QueuesRevoked) -> None:
        """Called when the bridge has ended the consumption."""
        for queue in event.queues:
            self._consumers.pop(queue, None)
        self._revoked(event)

    def reset(self) -> None:
        """Marks all consumers as missing in a new session."""
        for consumer in self._consumers.values():
            consumer._begun = None

    def recreate(self) -> None:
        """Begins those again that the session lacks."""
        for consumer in list(self._consumers.values()):
            if consumer._established and consumer._begun is None:
                self._spawn(self._ask_again(consumer))

    def clear(self) -> None:
        self._consumers.clear()

    async def _process(
        self, consumer: QueueSubscription, message: QueueMessage, delivery: Delivery
    ) -> None:
        try:
            result = consumer._handler(message)
            if inspect.isawaitable(result):
                await result
            await delivery.settle({"type": "ack"})
        except Exception:
            log.warning("a message is released, because its handler failed", exc_info=True)
            await delivery.settle({"type": "release"})

    async def _ask(self, consumer: QueueSubscription) -> None:
        begun = consumer._begun = object()
        try:
            command = {"type": "queueSubscribe", "queue": consumer.queue, **consumer._options}
            await self._session.control(command)
            consumer._established = True
        except BaseException:
            if consumer._begun is begun:
                consumer._begun = None
            raise

    async def _ask_again(self, consumer: QueueSubscription) -> None:
        try:
            await self._ask(consumer)
            self._backoff.reset()
        except LongspanError as error:
            current = self._consumers.get(consumer.queue) is consumer
            if consumer._begun is not None or not current:
                return
            if isinstance(error, RefusedError) and not error.temporary:
                self.end(QueuesRevoked((consumer.queue,), error.bridge_code))
            elif self._session.connected:
                loop = asyncio.get_running_loop()
                loop.call_later(self._backoff.next(), self.recreate)

    async def _unsubscribe(self, consumer: QueueSubscription) -> None:
        if self._drop(consumer):
            await self._leave(consumer.queue)

    async def _leave_unknown(self, queue: str) -> None:
        try:
            await self._leave(queue)
        except RefusedError as error:
            log.info("a queue that is not consumed could not be left: %s", error)

    async def _leave(self, queue: str) -> None:
        try:
            await self._session.control({"type": "queueUnsubscribe", "queue": queue})
        except RefusedError:
            raise
        except LongspanError:
            # Without a connection the session ends, and its consumers with it.
            log.debug("the consumption ends with the session")

    def _drop(self, consumer: QueueSubscription) -> bool:
        if self._consumers.get(consumer.queue) is not consumer:
            return False
        del self._consumers[consumer.queue]
        return True

    def _spawn(self, work: Any) -> None:
        task: "asyncio.Task[None]" = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
