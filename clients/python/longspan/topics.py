"""The topics of a client."""

from __future__ import annotations

import asyncio
import inspect
import logging
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Iterable, List, Optional, Sequence, Set, Union

from .codec import Answer, Gap, MissedTopic, TopicsRevoked
from .deliveries import Deliveries, Delivery
from .errors import (
    LongspanError,
    NotSentError,
    RefusedError,
    TopicFailure,
    TopicSubscribeError,
)
from .message import Message
from .options import Backoff
from .requests import Sender
from .streams import Stream

log = logging.getLogger("longspan")

#: Receives a message. What a coroutine function does is awaited for a durable subscription only.
TopicListener = Callable[[Message], Union[None, Awaitable[None]]]

#: Topics of one command.
CHUNK = 500

Failures = Dict[str, TopicFailure]


@dataclass(frozen=True)
class TopicOptions:
    selector: Optional[str] = None
    durable: Optional[str] = None


class _Topic:
    """A topic that the bridge delivers, or shall deliver, to this client."""

    def __init__(self, name: str, options: TopicOptions) -> None:
        self.name = name
        self.options = options
        self.subscriptions: Dict["TopicSubscription", None] = {}
        #: ``wanted``, ``asked`` or ``active``.
        self.state = "wanted"
        #: Identifies the latest command; answers to older ones are ignored.
        self.asking: Optional[object] = None
        #: Whether it was subscribed once; then it is re-created in new sessions.
        self.established = False
        self.ready: Optional["asyncio.Task[Failures]"] = None
        self.last_seen: Optional[str] = None
        #: Whether messages are missing that cannot be requested, and that no gap has announced yet.
        self.missed = False
        #: The processing of the last message of a durable subscription.
        self.turn: Optional["asyncio.Task[None]"] = None

    def reset(self) -> None:
        """Marks it as missing in a new session."""
        self.state = "wanted"
        self.asking = None
        if self.established and self.last_seen is None and self.options.durable is None:
            self.missed = True


class TopicSubscription:
    """The subscription of one listener to one or more topics."""

    def __init__(self, listener: TopicListener, owner: "Topics") -> None:
        self._listener = listener
        self._owner = owner
        self._topics: Dict[_Topic, None] = {}
        #: Topics that could not be subscribed.
        self.failed: Sequence[TopicFailure] = ()

    @property
    def topics(self) -> Sequence[str]:
        """Topics that are still subscribed."""
        return tuple(topic.name for topic in self._topics)

    async def unsubscribe(self) -> None:
        """Ends this subscription. Idempotent. Raises ``RefusedError``."""
        await self._owner.leave(self)


class Topics:
    """Listeners of the same topic and options share one subscription of the bridge.

    A topic is in the map before the bridge is asked, so that a message that overtakes the answer
    is delivered.
    """

    def __init__(
        self,
        session: Sender,
        deliveries: Deliveries,
        backoff: Backoff,
        revoked: Callable[[TopicsRevoked], None],
        missed: Callable[[Sequence[str]], None],
        idle: Callable[[], None],
    ) -> None:
        self._session = session
        self._deliveries = deliveries
        self._backoff = backoff
        self._revoked = revoked
        self._missed = missed
        self._idle = idle
        self._topics: Dict[str, _Topic] = {}
        self._asking = 0
        self._tasks: Set["asyncio.Task[Any]"] = set()

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._topics)

    @property
    def is_idle(self) -> bool:
        return self._asking == 0

    async def subscribe(
        self, names: Iterable[str], listener: TopicListener, options: TopicOptions
    ) -> TopicSubscription:
        wanted = list(dict.fromkeys(names))
        if not wanted:
            raise ValueError("topics: at least one is required")
        if not self._session.connected:
            raise NotSentError("The client is not connected")
        failed: List[TopicFailure] = []
        subscription = TopicSubscription(listener, self)
        fresh: List[_Topic] = []
        for name in wanted:
            topic = self._topics.get(name)
            if topic is None:
                topic = self._topics[name] = _Topic(name, options)
                fresh.append(topic)
            elif topic.options != options:
                text = "already subscribed with another selector or durable name"
                failed.append(TopicFailure(name, text, False))
                continue
            topic.subscriptions[subscription] = None
            subscription._topics[topic] = None
        asked = list(subscription._topics)
        if fresh:
            ready = self._spawn(self._ask_first(fresh, options))
            for topic in fresh:
                topic.ready = ready
        errors: List[LongspanError] = []
        for topic in asked:
            try:
                failure = {} if topic.ready is None else await asyncio.shield(topic.ready)
                if topic.name in failure:
                    failed.append(failure[topic.name])
            except LongspanError as error:
                errors.append(error)
                failed.append(TopicFailure(topic.name, str(error), error.temporary))
        subscription.failed = tuple(failed)
        if (failed or errors) and not subscription._topics:
            raise errors[0] if errors else TopicSubscribeError(failed)
        return subscription

    async def unsubscribe(self, names: Iterable[str], durable: Optional[str], forget: bool) -> None:
        """Ends topics for all listeners of this client."""
        names = list(names)
        topics = [self._topics[name] for name in names if name in self._topics]
        if not forget:
            for topic in topics:
                self._drop(topic)
            await self._tell([topic.name for topic in topics])
            return
        failed: List[TopicFailure] = []
        for name in names:
            own = durable or next((t.options.durable for t in topics if t.name == name), None)
            if own is None:
                raise ValueError(f"durable: missing, to forget {name}")
            for topic in topics:
                if topic.name == name and topic.options.durable == own:
                    self._drop(topic)
            command = {"type": "topicUnsubscribe", "topics": [name], "durable": own}
            answer = await self._session.control({**command, "forget": True})
            failed.extend(_failures(answer).values())
        if failed:
            raise TopicSubscribeError(failed)

    async def leave(self, subscription: TopicSubscription) -> None:
        ended = []
        for topic in subscription._topics:
            topic.subscriptions.pop(subscription, None)
            if not topic.subscriptions:
                ended.append(topic)
        subscription._topics.clear()
        for topic in ended:
            self._drop(topic)
        await self._tell([topic.name for topic in ended])

    def dispatch(self, message: Message) -> None:
        topic = self._topics.get(message.subscription or "")
        if topic is None:
            log.debug("a message of a topic that is not subscribed")
            return
        self._tell_missed([topic])
        # The id of a part of a snapshot is the service's.
        if not message.snapshot:
            topic.last_seen = message.message_id
        if message.delivery is None:
            for subscription in list(topic.subscriptions):
                self._call(subscription._listener, message)
        else:
            delivery = self._deliveries.add(message.delivery)
            topic.turn = self._spawn(self._process(topic, topic.turn, message, delivery))

    def end(self, event: TopicsRevoked) -> None:
        """Called when the bridge has ended topics."""
        for name in event.topics:
            if name in self._topics:
                self._drop(self._topics[name])
        self._revoked(event)

    def reset(self) -> None:
        """Marks all topics as missing in a new session."""
        for topic in self._topics.values():
            topic.reset()

    def recreate(self) -> None:
        """Subscribes to the topics that the session lacks."""
        if not self._session.connected:
            return
        alike: Dict[TopicOptions, List[_Topic]] = {}
        for topic in self._topics.values():
            if topic.state == "wanted" and topic.established:
                alike.setdefault(topic.options, []).append(topic)
        for options, topics in alike.items():
            for start in range(0, len(topics), CHUNK):
                self._spawn(self._ask_again(topics[start : start + CHUNK], options))

    def clear(self) -> None:
        for topic in list(self._topics.values()):
            self._drop(topic)

    async def _ask_first(self, topics: Sequence[_Topic], options: TopicOptions) -> Failures:
        try:
            return await self._ask(topics, options)
        except LongspanError:
            for topic in topics:
                self._drop(topic)
            raise

    async def _ask_again(self, topics: Sequence[_Topic], options: TopicOptions) -> None:
        try:
            failures = await self._ask(topics, options)
        except LongspanError as error:
            if isinstance(error, RefusedError) and not error.temporary:
                self.end(TopicsRevoked(tuple(topic.name for topic in topics), error.bridge_code))
            else:
                self._recreate_later()
            return
        for name, failure in failures.items():
            if not failure.temporary:
                self._revoked(TopicsRevoked((name,), failure.error))
        if any(failure.temporary for failure in failures.values()):
            self._recreate_later()
        else:
            self._backoff.reset()

    def _recreate_later(self) -> None:
        asyncio.get_running_loop().call_later(self._backoff.next(), self.recreate)

    async def _ask(self, topics: Sequence[_Topic], options: TopicOptions) -> Failures:
        """Returns the failed topics. Raises ``LongspanError``.

        They were removed, except those that were subscribed before and have failed for now.
        """
        asking = object()
        for topic in topics:
            topic.state = "asked"
            topic.asking = asking
        command: Dict[str, Any] = {
            "type": "topicSubscribe",
            "topics": [topic.name for topic in topics],
        }
        if options.selector is not None:
            command["selector"] = options.selector
        if options.durable is not None:
            command["durable"] = options.durable
        else:
            seen = {topic.name: topic.last_seen for topic in topics if topic.last_seen is not None}
            if seen:
                command["resumeFrom"] = seen
        self._asking += 1
        try:
            answer = await self._session.control(command)
        except BaseException:
            for topic in topics:
                if topic.asking is asking:
                    topic.state = "wanted"
            raise
        finally:
            self._asking -= 1
            self._idle()
        failures = _failures(answer)
        active = []
        for topic in topics:
            if topic.asking is not asking:
                continue
            failure = failures.get(topic.name)
            if failure is None:
                topic.state = "active"
                topic.established = True
                active.append(topic)
            elif failure.temporary and topic.established:
                topic.state = "wanted"
            else:
                self._drop(topic)
        self._tell_missed(active)
        return failures

    def _tell_missed(self, topics: Iterable[_Topic]) -> None:
        """Announces what is missing of topics.

        They are subscribed now, so what an application reads next is followed by all later
        messages. The answer to the subscribe command or the first message shows it, whichever is
        first.
        """
        missed = [topic for topic in topics if topic.missed]
        for topic in missed:
            topic.missed = False
        self._missed([topic.name for topic in missed])

    def _call(self, listener: TopicListener, message: Message) -> None:
        try:
            result = listener(message)
            if inspect.isawaitable(result):
                self._spawn(_finish(result))
        except Exception:
            log.exception("a listener failed")

    async def _process(
        self,
        topic: _Topic,
        before: Optional["asyncio.Task[None]"],
        message: Message,
        delivery: Delivery,
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        # It is delivered again, in a new session or to the next subscriber.
        if delivery.is_void or not topic.subscriptions:
            await delivery.settle({"type": "release"})
            return
        try:
            for subscription in list(topic.subscriptions):
                result = subscription._listener(message)
                if inspect.isawaitable(result):
                    await result
            await delivery.settle({"type": "ack"})
        except Exception:
            log.warning("a message is released, because its listener failed", exc_info=True)
            await delivery.settle({"type": "release"})

    def _drop(self, topic: _Topic) -> None:
        for subscription in topic.subscriptions:
            subscription._topics.pop(topic, None)
        topic.subscriptions.clear()
        if self._topics.get(topic.name) is topic:
            del self._topics[topic.name]

    async def _tell(self, names: Sequence[str]) -> None:
        if not names or not self._session.connected:
            return
        try:
            await self._session.control({"type": "topicUnsubscribe", "topics": list(names)})
        except RefusedError:
            raise
        except LongspanError:
            # Without a connection the session ends, and its subscriptions with it.
            log.debug("the subscriptions end with the session")

    def _spawn(self, work: Any) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Marks the exception as seen; who awaits the task gets it as well.
            task.exception()


def _failures(answer: Answer) -> Failures:
    errors, temporary = answer.topic_errors, answer.topic_temporary
    return {
        name: TopicFailure(
            name,
            errors[index] if index < len(errors) else "refused",
            index < len(temporary) and temporary[index] is True,
        )
        for index, name in enumerate(answer.failed_topics)
    }


async def _finish(result: Awaitable[None]) -> None:
    try:
        await result
    except Exception:
        log.exception("a listener failed")


class TopicStream(Stream[Message]):
    """Messages of topics as an async iterator. A reader that is too slow misses the oldest."""

    def __init__(self, limit: int, gap: Callable[[Gap], None]) -> None:
        super().__init__(self._leave)
        self._limit = limit
        self._gap = gap
        self.subscription: Optional[TopicSubscription] = None

    def take(self, message: Message) -> None:
        if self.push(message) > self._limit:
            dropped = self.drop_oldest()
            topic = dropped.subscription or ""
            self._gap(Gap((MissedTopic(topic, 1),), "slowConsumer"))

    def _leave(self) -> None:
        """Left to ``aclose``, which awaits the bridge."""

    async def aclose(self) -> None:
        await super().aclose()
        if self.subscription is not None:
            await self.subscription.unsubscribe()
