"""The client: its public methods, and the life of its session."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from types import TracebackType
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Sequence,
    Set,
    Type,
    Union,
)

from .bayeux import Receipt
from .codec import (
    Answer,
    BridgeStatus,
    ConnectInfo,
    Gap,
    Incoming,
    MissedTopic,
    Outcome,
    QueuesRevoked,
    TopicsRevoked,
    check_size,
    encode_send,
)
from .deliveries import Deliveries
from .errors import CancelledError, ConnectionLostError, LongspanError, NotSentError
from .link import Link
from .message import Message, PropertyValue
from .options import Backoff, Options, require_time
from .queues import QueueHandler, Queues, QueueSubscription
from .requests import Requests
from .streams import Stream
from .topics import TopicListener, TopicOptions, Topics, TopicStream, TopicSubscription

log = logging.getLogger("longspan")

#: Maximum number of ids of unsolicited messages that are remembered, and of those kept in a move.
MAX_SEEN = 1_000


@dataclass(frozen=True)
class StatusEvent:
    """A change of ``client.status``."""

    status: str
    previous: str
    #: The reason if the client failed.
    error: Optional[LongspanError] = None


EVENTS = ("status", "gap", "revoked", "queues_revoked", "bridge_status")


class LongspanClient:
    """A client of the bridge. It keeps itself connected until ``disconnect()``.

    All methods must be called in one event loop. Listeners are called in it and must not block.
    """

    def __init__(self, url: str, **options: Any) -> None:
        """Takes the fields of :class:`Options`. Raises ``ValueError`` for a wrong one."""
        self._options = Options(url, **options)
        self._listeners: Dict[str, List[Callable[[Any], None]]] = {name: [] for name in EVENTS}
        self._message_listeners: List[Callable[[Message], None]] = []
        self._seen: "OrderedDict[str, None]" = OrderedDict()
        self._publishes: Set["asyncio.Future[None]"] = set()
        self._moves = Backoff(self._options)
        self._deliveries = Deliveries(self, self._try_move)
        self._requests = Requests(self, self._try_move)
        self._topics = Topics(
            self,
            self._deliveries,
            Backoff(self._options),
            lambda event: self._emit("revoked", event),
            self._tell_gap,
            self._try_move,
        )
        self._queues = Queues(
            self,
            self._deliveries,
            Backoff(self._options),
            lambda event: self._emit("queues_revoked", event),
        )
        self._link: Optional[Link] = None
        self._move: Optional[_Move] = None
        self._left: Set["asyncio.Task[None]"] = set()
        self._status = "disconnected"
        self._info: Optional[ConnectInfo] = None
        self._draining = False
        self._wanted: Optional["asyncio.Future[ConnectInfo]"] = None

    # -- The life of the client

    @property
    def status(self) -> str:
        """``disconnected``, ``connecting``, ``connected`` or ``reconnecting``."""
        return self._status

    @property
    def connected(self) -> bool:
        return self._status == "connected"

    @property
    def info(self) -> Optional[ConnectInfo]:
        """What the bridge said about this client when it connected."""
        return self._info

    @property
    def transport(self) -> Optional[str]:
        """``websocket`` or ``long-polling``."""
        return None if self._link is None else self._link.transport

    async def connect(self) -> ConnectInfo:
        """Connects, and from then on keeps the connection.

        Raises ``AuthenticationError``, ``RefusedError``, or ``ConnectionLostError`` if there is no
        connection after ``connect_timeout``.
        """
        if self._wanted is None:
            self._wanted = asyncio.get_running_loop().create_future()
            self._moves.reset()
            self._set_status("connecting")
            self._link = Link(self._options, _Receiver(self))
            self._link.open()
        wanted = self._wanted
        seconds = self._options.connect_timeout or None
        try:
            return await asyncio.wait_for(asyncio.shield(wanted), seconds)
        except asyncio.TimeoutError:
            problem = self._link.problem if self._link is not None else None
            told = f" ({problem})" if problem else ""
            error = ConnectionLostError(f"No connection in {seconds:g} s{told}")
            self._give_up(error)
            raise error from None

    def reconnect(self) -> None:
        """Tries again at once, if the client is reconnecting."""
        if self._link is not None:
            self._link.wake()

    async def disconnect(self) -> None:
        """Ends the session. Open calls fail with ``CancelledError``. Idempotent."""
        if self._wanted is None:
            return
        link, goodbye = self._link, self.connected
        self._end(CancelledError("The client was disconnected"), None)
        if link is not None:
            await link.close(goodbye)
        if self._left:
            await asyncio.wait(self._left)

    async def __aenter__(self) -> "LongspanClient":
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.disconnect()

    def on(self, event: str, listener: Callable[[Any], None]) -> Callable[[], None]:
        """Adds a listener and returns a function that removes it.

        ``status``: :class:`StatusEvent`. ``gap``: :class:`Gap`. ``revoked``:
        :class:`TopicsRevoked`. ``queues_revoked``: :class:`QueuesRevoked`. ``bridge_status``:
        :class:`BridgeStatus`.
        """
        if event not in self._listeners:
            raise ValueError(f"event: {event}; allowed: {', '.join(EVENTS)}")
        self._listeners[event].append(listener)
        return lambda: _remove(self._listeners[event], listener)

    def on_message(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        """Adds a listener of unsolicited messages and returns a function that removes it."""
        self._message_listeners.append(listener)
        return lambda: _remove(self._message_listeners, listener)

    # -- Sending

    async def request(
        self,
        destination: str,
        body: Any = None,
        *,
        timeout: Optional[float] = None,
        properties: Optional[Mapping[str, PropertyValue]] = None,
        priority: Optional[int] = None,
        type: Optional[str] = None,
        persistent: bool = False,
    ) -> Message:
        """Sends a request and returns its answer.

        ``timeout`` is in seconds; it is also the message's ``timeToLive``. If the awaiting task is
        cancelled, the service is told. Raises ``LongspanError``; see the README for its classes.
        """
        options = _send_options(properties, priority, type, persistent)
        return await self._requests.request(destination, body, self._timeout(timeout), options)

    def request_stream(
        self,
        destination: str,
        body: Any = None,
        *,
        timeout: Optional[float] = None,
        properties: Optional[Mapping[str, PropertyValue]] = None,
        priority: Optional[int] = None,
        type: Optional[str] = None,
        persistent: bool = False,
    ) -> Stream[Message]:
        """Sends a request whose answer has several parts. ``timeout`` applies to each part."""
        options = _send_options(properties, priority, type, persistent)
        return self._requests.stream(destination, body, self._timeout(timeout), options)

    async def publish(
        self,
        destination: str,
        body: Any = None,
        *,
        correlation_id: Optional[str] = None,
        time_to_live: Optional[float] = None,
        properties: Optional[Mapping[str, PropertyValue]] = None,
        priority: Optional[int] = None,
        type: Optional[str] = None,
        persistent: bool = False,
    ) -> None:
        """Sends a message; returns when the broker has taken it. ``time_to_live``: seconds."""
        options = _send_options(properties, priority, type, persistent)
        await self._publish(
            {"destination": destination}, body, correlation_id, time_to_live, options
        )

    async def reply(
        self,
        message: Message,
        body: Any = None,
        *,
        properties: Optional[Mapping[str, PropertyValue]] = None,
    ) -> None:
        """Answers an unsolicited message, once."""
        if message.reply_to is None:
            raise ValueError("message: its sender expects no answer")
        options = _send_options(properties, None, None, False)
        target = {"replyTo": message.reply_to}
        await self._publish(target, body, message.correlation_id, None, options)

    # -- Receiving

    async def subscribe(
        self,
        topics: Union[str, Iterable[str]],
        listener: TopicListener,
        *,
        selector: Optional[str] = None,
        durable: Optional[str] = None,
    ) -> TopicSubscription:
        """Subscribes to topics. Raises if *all* were refused; ``failed`` names the others.

        With ``durable`` each message is acknowledged when the listeners have processed it.
        """
        names = [topics] if isinstance(topics, str) else topics
        return await self._topics.subscribe(names, listener, TopicOptions(selector, durable))

    async def messages(
        self,
        topics: Union[str, Iterable[str]],
        *,
        selector: Optional[str] = None,
        limit: int = 1_000,
    ) -> TopicStream:
        """Subscribes to topics; the messages come by ``async for``.

        At most ``limit`` wait for the reader. The oldest beyond are dropped, with a ``gap``.
        """
        stream = TopicStream(limit, lambda gap: self._emit("gap", gap))
        stream.subscription = await self.subscribe(topics, stream.take, selector=selector)
        return stream

    async def unsubscribe(
        self,
        topics: Union[str, Iterable[str]],
        *,
        durable: Optional[str] = None,
        forget: bool = False,
    ) -> None:
        """Ends topics for all listeners. ``forget`` deletes the durable subscription.

        Then it raises ``TopicSubscribeError`` if that was refused for one of them.
        """
        names = [topics] if isinstance(topics, str) else topics
        await self._topics.unsubscribe(names, durable, forget)

    async def consume(
        self,
        queue: str,
        handler: QueueHandler,
        *,
        prefetch: Optional[int] = None,
        selector: Optional[str] = None,
    ) -> QueueSubscription:
        """Consumes a queue. A message is acknowledged when its handler has ended without error.

        Up to ``prefetch`` (1 to 100, default 1) messages are processed at the same time.
        """
        options = {"prefetch": prefetch, "selector": selector}
        given = {name: value for name, value in options.items() if value is not None}
        return await self._queues.subscribe(queue, handler, given)

    # -- What requests and subscriptions need

    def next_id(self) -> str:
        return "" if self._link is None else self._link.ids.next()

    def send(self, data: Mapping[str, Any], receipt: Receipt) -> None:
        link = self._ready()
        check_size(data, {} if self._info is None else self._info.limits)
        link.send(data, receipt)

    async def control(self, command: Mapping[str, Any]) -> Answer:
        return await self._ready().control(command)

    def _ready(self) -> Link:
        if self._link is None or not self.connected:
            raise NotSentError(f"The client is {self._status}")
        return self._link

    def _timeout(self, timeout: Optional[float]) -> float:
        if timeout is None:
            return self._options.request_timeout
        return require_time("timeout", timeout)

    async def _publish(
        self,
        target: Mapping[str, str],
        body: Any,
        correlation_id: Optional[str],
        time_to_live: Optional[float],
        options: Mapping[str, Any],
    ) -> None:
        lives = None if time_to_live is None else int(time_to_live * 1000)
        data = encode_send(
            target, body, correlation_id=correlation_id, time_to_live=lives, **options
        )
        done: "asyncio.Future[None]" = asyncio.get_running_loop().create_future()

        def receipt(error: Optional[LongspanError]) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        self.send(data, receipt)
        self._publishes.add(done)
        try:
            await done
        finally:
            self._publishes.discard(done)

    # -- What the link reports

    def _connected(self, info: ConnectInfo, resumed: bool) -> None:
        self._info = info
        if not resumed:
            self._draining = False
            self._fail_open(ConnectionLostError("The session was lost"))
            self._reset()
        self._set_status("connected")
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(info)
        self._deliveries.send()
        self._recreate()
        if self._draining:
            self._start_moving()

    def _interrupted(self) -> None:
        self._stop_moving()
        self._set_status("connecting" if self._info is None else "reconnecting")

    def _received(self, incoming: Incoming) -> None:
        if isinstance(incoming, Message):
            self._message(incoming)
        elif isinstance(incoming, Outcome):
            self._requests.settle(incoming)
        elif isinstance(incoming, TopicsRevoked):
            self._topics.end(incoming)
        elif isinstance(incoming, QueuesRevoked):
            self._queues.end(incoming)
        elif isinstance(incoming, Gap):
            self._emit("gap", incoming)
        elif isinstance(incoming, BridgeStatus):
            self._emit("bridge_status", incoming)
            if incoming.status == "draining":
                self._draining = True
                if self.connected:
                    self._start_moving()
        elif isinstance(incoming, Answer):
            log.debug("a late answer %s", incoming.correlation_id)
        else:
            log.warning("a message that this version does not understand: %s", incoming.data)

    def _message(self, message: Message) -> None:
        if message.topic is not None:
            self._topics.dispatch(message)
        elif message.queue is not None:
            self._queues.dispatch(message)
        elif self._requests.accept(message):
            return
        elif self._link is not None and self._link.ids.made(message.correlation_id or ""):
            log.debug("an answer that came too late: %s", message.correlation_id)
        else:
            self._unsolicited(message)

    def _unsolicited(self, message: Message) -> None:
        key = message.message_id
        # Two bridges may deliver the same message during a move.
        if key is not None:
            if key in self._seen:
                return
            self._seen[key] = None
            if len(self._seen) > MAX_SEEN:
                self._seen.popitem(last=False)
        for listener in list(self._message_listeners):
            _call(listener, message)

    def _overrun(self) -> None:
        self._requests.fail_all(ConnectionLostError("Messages of the bridge were lost"))
        self._tell_gap(self._topics.names)

    def _give_up(self, error: LongspanError) -> None:
        link = self._link
        lost = ConnectionLostError("The client gave up")
        lost.__cause__ = error
        self._end(lost, error)
        if link is not None:
            self._close_later(link, goodbye=False)

    # -- State

    def _reset(self) -> None:
        self._deliveries.lost()
        self._queues.reset()
        self._topics.reset()

    def _recreate(self) -> None:
        self._topics.recreate()
        self._queues.recreate()

    def _end(self, for_open: LongspanError, error: Optional[LongspanError]) -> None:
        """Ends everything in flight; afterwards the client is as new."""
        wanted, link = self._wanted, self._link
        if wanted is None:
            return
        self._wanted = None
        self._stop_moving()
        if link is not None:
            link.leave()
        previous, self._status = self._status, "disconnected"
        self._info = None
        self._draining = False
        self._fail_open(for_open)
        for each in list(self._publishes):
            if not each.done():
                each.set_exception(for_open)
        self._link = None
        self._deliveries.lost()
        self._queues.clear()
        self._topics.clear()
        if not wanted.done():
            wanted.set_exception(error or for_open)
            wanted.exception()
        self._emit("status", StatusEvent("disconnected", previous, error))

    def _fail_open(self, error: LongspanError) -> None:
        self._requests.fail_all(error)
        if self._link is not None:
            self._link.fail_controls(error)

    def _tell_gap(self, topics: Sequence[str]) -> None:
        if topics:
            missed = tuple(MissedTopic(topic, None) for topic in topics)
            self._emit("gap", Gap(missed, "sessionLost"))

    def _set_status(self, status: str) -> None:
        previous = self._status
        if status != previous and self._wanted is not None:
            self._status = status
            self._emit("status", StatusEvent(status, previous))

    def _emit(self, event: str, value: Any) -> None:
        for listener in list(self._listeners[event]):
            _call(listener, value)

    # -- Moving to another bridge

    def _start_moving(self) -> None:
        if self._move is None:
            bridge_id = None if self._info is None else self._info.bridge_id
            self._move = _Move(self, bridge_id)

    def _stop_moving(self) -> None:
        move, self._move = self._move, None
        if move is not None:
            move.stop()

    def _try_move(self) -> None:
        if self._move is not None:
            self._move.try_now()

    @property
    def _is_idle(self) -> bool:
        return (
            self.connected
            and len(self._requests) == 0
            and len(self._deliveries) == 0
            and self._topics.is_idle
        )

    def _moved(self, link: Link, info: ConnectInfo, pushes: Sequence[Message]) -> None:
        left = self._link
        self._move = None
        self._draining = False
        self._link = link
        self._info = info
        link.listener = _Receiver(self)
        if left is not None:
            left.listener = _LateReceiver(self, left)
            left.fail_controls(ConnectionLostError("The client has moved to another bridge"))
            self._close_later(left, goodbye=True)
        for push in pushes:
            self._unsolicited(push)
        self._reset()
        self._recreate()

    def _close_later(self, link: Link, goodbye: bool) -> None:
        """Closes a link when all publishes in flight have an outcome."""

        async def close() -> None:
            if goodbye and self._publishes:
                await asyncio.wait(list(self._publishes))
            await link.close(goodbye)

        task = asyncio.get_running_loop().create_task(close())
        self._left.add(task)
        task.add_done_callback(self._left.discard)


class _Receiver:
    """Passes on what the current link reports."""

    def __init__(self, client: LongspanClient) -> None:
        self._client = client

    def connected(self, info: ConnectInfo, resumed: bool) -> None:
        self._client._connected(info, resumed)

    def interrupted(self) -> None:
        self._client._interrupted()

    def received(self, incoming: Incoming) -> None:
        self._client._received(incoming)

    def overrun(self) -> None:
        self._client._overrun()

    def failed(self, error: LongspanError) -> None:
        self._client._give_up(error)


class _LateReceiver:
    """Of a link that was left only unsolicited messages still count."""

    def __init__(self, client: LongspanClient, link: Link) -> None:
        self._client = client
        self._link = link

    def connected(self, info: ConnectInfo, resumed: bool) -> None:
        pass

    def interrupted(self) -> None:
        pass

    def received(self, incoming: Incoming) -> None:
        if not isinstance(incoming, Message) or incoming.topic is not None:
            return
        if incoming.queue is None and not self._link.ids.made(incoming.correlation_id or ""):
            self._client._unsolicited(incoming)

    def overrun(self) -> None:
        pass

    def failed(self, error: LongspanError) -> None:
        pass


class _Move:
    """Connects to another bridge while the draining one still works.

    Changes over as soon as nothing is in flight. Tries as often as necessary.
    """

    def __init__(self, client: LongspanClient, left: Optional[str]) -> None:
        self._client = client
        self._draining = left
        self._link: Optional[Link] = None
        self._info: Optional[ConnectInfo] = None
        self._pushes: List[Message] = []
        self._timer: Optional[asyncio.TimerHandle] = None
        # Spreads the clients over time.
        self._try_later()

    def try_now(self) -> None:
        link, info = self._link, self._info
        if link is not None and info is not None and self._client._is_idle:
            self._link = None
            self._client._moved(link, info, self._pushes)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        link, self._link = self._link, None
        self._info = None
        self._pushes = []
        if link is not None:
            link.leave()
            self._client._close_later(link, goodbye=True)

    def _try_later(self) -> None:
        self.stop()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._client._moves.next(), self._connect)

    def _connect(self) -> None:
        self._link = Link(self._client._options, self)
        self._link.open()

    def connected(self, info: ConnectInfo, resumed: bool) -> None:
        if info.bridge_id is not None and info.bridge_id == self._draining:
            self._try_later()
            return
        self._info = info
        self.try_now()

    def interrupted(self) -> None:
        self._info = None

    def received(self, incoming: Incoming) -> None:
        if isinstance(incoming, Message) and incoming.message_id is not None:
            # It also arrives over the old link, unless that is closed before.
            self._pushes = [*self._pushes[1 - MAX_SEEN :], incoming]
        elif isinstance(incoming, BridgeStatus) and incoming.status == "draining":
            self._try_later()

    def overrun(self) -> None:
        pass

    def failed(self, error: LongspanError) -> None:
        self._try_later()


def _send_options(
    properties: Optional[Mapping[str, PropertyValue]],
    priority: Optional[int],
    type: Optional[str],
    persistent: bool,
) -> Mapping[str, Any]:
    return {
        "properties": properties,
        "priority": priority,
        "type": type,
        "persistent": persistent,
    }


def _call(listener: Callable[[Any], None], value: Any) -> None:
    try:
        listener(value)
    except Exception:
        log.exception("a listener failed")


def _remove(listeners: List[Any], listener: Any) -> None:
    if listener in listeners:
        listeners.remove(listener)
