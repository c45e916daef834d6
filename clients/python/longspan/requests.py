"""Requests in flight: each has exactly one outcome."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Callable, Dict, Mapping, Optional, Protocol, Union

from .bayeux import Receipt
from .codec import Answer, Outcome, encode_send
from .errors import CancelledError, ConnectionLostError, LongspanError, TimedOutError
from .link import refused
from .message import Message, PropertyValue
from .streams import Stream

#: Maximum number of parts that wait for a slow reader.
MAX_WAITING = 10_000


class Sender(Protocol):
    """What requests and subscriptions need of their session."""

    @property
    def connected(self) -> bool:
        """Whether messages can be sent now; nothing is queued."""

    def next_id(self) -> str:
        """Returns a correlation id."""

    def send(self, data: Mapping[str, Any], receipt: Receipt) -> None:
        """Sends a message. Raises ``NotSentError`` or ``RefusedError`` if that is impossible."""

    async def control(self, command: Mapping[str, Any]) -> Answer:
        """Sends a control message. Raises ``LongspanError``."""


class _Request:
    """A request without its outcome."""

    def __init__(
        self,
        destination: str,
        timeout: float,
        part: Callable[[Message], Union[bool, LongspanError]],
        fail: Callable[[LongspanError], None],
    ) -> None:
        self.id = ""
        self.destination = destination
        self.timeout = timeout
        #: Returns whether more parts are awaited, or why the request fails.
        self.part = part
        self.fail = fail
        #: Whether the broker has accepted it; ``None``: the receipt was lost.
        self.sent: Optional[bool] = False
        self.timer: Optional[asyncio.TimerHandle] = None


class Requests:
    """Each request is in the map until its one outcome."""

    def __init__(self, session: Sender, idle: Callable[[], None]) -> None:
        self._session = session
        self._idle = idle
        self._open: Dict[str, _Request] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def request(
        self, destination: str, body: Any, timeout: float, options: Mapping[str, Any]
    ) -> Message:
        answer: "asyncio.Future[Message]" = asyncio.get_running_loop().create_future()
        request: _Request

        def part(message: Message) -> bool:
            if not answer.done():
                answer.set_result(message)
            if not message.last:
                # Nobody reads a second part, so the service can stop.
                self._tell_service(request)
            return False

        def fail(error: LongspanError) -> None:
            if not answer.done():
                answer.set_exception(error)

        request = _Request(destination, timeout, part, fail)
        self._start(request, body, options)
        try:
            return await answer
        except asyncio.CancelledError:
            self._cancel(request, CancelledError("The task was cancelled"))
            raise

    def stream(
        self, destination: str, body: Any, timeout: float, options: Mapping[str, Any]
    ) -> Stream[Message]:
        request: _Request
        parts: Stream[Message] = Stream(
            lambda: self._cancel(request, CancelledError("Nobody reads on"))
        )
        expected = 1

        def part(message: Message) -> Union[bool, LongspanError]:
            nonlocal expected
            if message.sequence is not None:
                if message.sequence != expected:
                    return ConnectionLostError(f"Part {expected} of the answer was lost")
                expected += 1
            if parts.push(message) > MAX_WAITING:
                return CancelledError(f"More than {MAX_WAITING} parts wait for a reader")
            if message.last:
                parts.end()
            return not message.last

        request = _Request(destination, timeout, part, parts.fail)
        self._start(request, body, options)
        return parts

    def accept(self, message: Message) -> bool:
        """Returns whether a request in flight accepted the message."""
        request = self._open.get(message.correlation_id or "")
        if request is None:
            return False
        request.sent = True
        more = request.part(message)
        if more is True:
            self._arm(request)
        elif more is False:
            self._end(request)
        else:
            self._cancel(request, more)
        return True

    def settle(self, outcome: Outcome) -> bool:
        """Returns whether the outcome belonged to a request in flight."""
        request = self._open.get(outcome.correlation_id or "")
        if request is None:
            return False
        if outcome.ok:
            request.sent = True
        elif request.sent is not False and outcome.error_code == "brokerUnavailable":
            # The broker had accepted it, so "unavailable" means that the answer was lost.
            message = outcome.error_message or "The bridge lost its broker"
            self._fail(request, ConnectionLostError(message, outcome.error_code))
        else:
            self._fail(request, refused(outcome))
        return True

    def fail_all(self, error: LongspanError) -> None:
        for request in list(self._open.values()):
            self._fail(request, error)

    def _start(self, request: _Request, body: Any, options: Mapping[str, Any]) -> None:
        request.id = self._session.next_id()

        def receipt(error: Optional[LongspanError]) -> None:
            if error is None:
                request.sent = True
            elif not isinstance(error, ConnectionLostError):
                self._fail(request, error)
            elif request.sent is False:
                # The answer may still arrive if the session is resumed.
                request.sent = None

        data = encode_send(
            {"destination": request.destination},
            body,
            correlation_id=request.id,
            time_to_live=math.ceil(request.timeout * 1000),
            **options,
        )
        # Added before it is sent, because the answer may overtake the receipt.
        self._open[request.id] = request
        self._arm(request)
        try:
            self._session.send(data, receipt)
        except LongspanError as error:
            self._fail(request, error)
        except BaseException:
            self._end(request)
            raise

    def _arm(self, request: _Request) -> None:
        if request.timer is not None:
            request.timer.cancel()

        def late() -> None:
            message = f"No answer of {request.destination} in {request.timeout:g} s"
            lost = request.sent is None
            self._cancel(request, (ConnectionLostError if lost else TimedOutError)(message))

        request.timer = asyncio.get_running_loop().call_later(request.timeout, late)

    def _end(self, request: _Request) -> bool:
        if self._open.get(request.id) is not request:
            return False
        del self._open[request.id]
        if request.timer is not None:
            request.timer.cancel()
        if not self._open:
            self._idle()
        return True

    def _fail(self, request: _Request, error: LongspanError) -> None:
        if self._end(request):
            request.fail(error)

    def _cancel(self, request: _Request, error: LongspanError) -> None:
        """Ends a request from this side, and notifies the service."""
        if self._open.get(request.id) is not request:
            return
        self._tell_service(request)
        self._fail(request, error)

    def _tell_service(self, request: _Request) -> None:
        if not self._session.connected:
            return
        properties: Dict[str, PropertyValue] = {"cancel": True}
        data = encode_send(
            {"destination": request.destination},
            "",
            properties=properties,
            correlation_id=request.id,
            time_to_live=math.ceil(request.timeout * 1000),
        )
        # If it does not arrive, the request's own timeToLive ends it.
        self._session.send(data, lambda _: None)
