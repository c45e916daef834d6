"""One connection to a bridge and its session: resumes it, and delivers messages in order."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any, Callable, Dict, Mapping, Optional, Protocol

from .bayeux import Connection, Receipt, SessionInfo
from .codec import Answer, ConnectInfo, Incoming, decode
from .errors import (
    ConnectionLostError,
    LongspanError,
    NotSentError,
    RefusedError,
    TimedOutError,
)
from .options import Backoff, Options

#: Maximum number of messages that wait for a missing one.
MAX_HELD = 10_000

#: Maximum number of ``connect`` messages whose answers are still accepted.
MAX_UNANSWERED_CONNECTS = 20

#: Seconds that a reply may take beyond the bridge's own timeout.
MARGIN = 2.0


class Sequence:
    """Delivers each numbered message once, in ascending order."""

    def __init__(self, give: Callable[[Incoming], None]) -> None:
        self._give = give
        self._held: Dict[int, Incoming] = {}
        #: The last delivered number.
        self.last = 0

    def take(self, seq: int, message: Incoming) -> str:
        """Returns ``inOrder``, ``hole``, or ``overrun`` if too many waited for a missing one."""
        if seq > self.last:
            self._held[seq] = message
        self._give_next()
        if not self._held:
            return "inOrder"
        if len(self._held) < MAX_HELD:
            return "hole"
        self.settle(max(self._held))
        return "overrun"

    def settle(self, seq: int) -> None:
        """Skips all holes up to this number: the bridge has discarded those messages."""
        for each in sorted(self._held):
            if each <= seq:
                self._give_one(each)
        self.last = seq
        self._give_next()

    def restart(self, seq: int) -> None:
        """Continues after this number, and discards what waits."""
        self._held.clear()
        self.last = seq

    def _give_next(self) -> None:
        while self.last + 1 in self._held:
            self._give_one(self.last + 1)

    def _give_one(self, seq: int) -> None:
        if seq not in self._held:
            return
        message = self._held.pop(seq)
        self.last = seq
        self._give(message)


class CorrelationIds:
    """Creates ids: the Bayeux client id, a counter, and 128 random bits against guessing."""

    def __init__(self) -> None:
        self._prefix = ""
        self._count = 0

    def begin(self, client_id: str) -> None:
        self._prefix = f"{client_id}-"
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"{self._prefix}{self._count}-{secrets.token_hex(16)}"

    def made(self, correlation_id: str) -> bool:
        """Whether this session created the id."""
        if not self._prefix or not correlation_id.startswith(self._prefix):
            return False
        rest = re.fullmatch(r"([1-9]\d*)-[0-9a-f]{32}", correlation_id[len(self._prefix) :])
        return rest is not None and int(rest[1]) <= self._count


class LinkListener(Protocol):
    """Receives what happens to a link."""

    def connected(self, info: ConnectInfo, resumed: bool) -> None:
        """The bridge has connected this client; without ``resumed`` the old session is gone."""

    def interrupted(self) -> None:
        """The network or the session is gone, or the bridge does not have the client."""

    def received(self, incoming: Incoming) -> None:
        """A message, in order."""

    def overrun(self) -> None:
        """Messages may be missing and will not arrive."""

    def failed(self, error: LongspanError) -> None:
        """The link has failed for good."""


class Link:
    """One connection to a bridge, and its session (protocol section 6)."""

    def __init__(self, options: Options, listener: LinkListener) -> None:
        self.listener = listener
        self.ids = CorrelationIds()
        self._options = options
        self._connection = Connection(options, self)
        self._sequence = Sequence(self._deliver)
        self._backoff = Backoff(options)
        self._controls: Dict[str, _Command] = {}
        self._session: Optional[SessionInfo] = None
        self._user: Optional[str] = None
        self._token: Optional[str] = None
        self._connected = False
        self._pending: Optional[str] = None
        self._timer: Optional[asyncio.TimerHandle] = None
        self._unanswered: Dict[str, None] = {}
        self._needed_from: Optional[int] = None
        self._down = False
        self._missing_after: Optional[int] = None
        self._closed = False
        self._error: Optional[LongspanError] = None

    @property
    def problem(self) -> Optional[str]:
        """Why the client is not connected, for people."""
        return str(self._error) if self._error is not None else self._connection.problem

    @property
    def transport(self) -> Optional[str]:
        return self._connection.transport

    def open(self) -> None:
        self._connection.open()

    def wake(self) -> None:
        self._connection.wake()

    def send(self, data: Mapping[str, Any], receipt: Receipt) -> None:
        """Sends a message into JMS."""

        def outcome(error: Optional[LongspanError]) -> None:
            self._note_refusal(error)
            receipt(error)

        self._publish("bridge", data, outcome)

    async def control(self, command: Mapping[str, Any]) -> Answer:
        """Sends a control message and returns its answer. Raises ``LongspanError``."""
        correlation_id = self.ids.next()
        sending = _Command({**command, "correlationId": correlation_id})
        self._controls[correlation_id] = sending
        self._send_command(sending)
        try:
            return await asyncio.wait_for(sending.answer, self._options.control_timeout)
        except asyncio.TimeoutError as cause:
            seconds = self._options.control_timeout
            message = f"No answer to {command['type']} in {seconds:g} s"
            lost = sending.uncertain
            raise (ConnectionLostError if lost else TimedOutError)(message) from cause
        except RefusedError as error:
            self._note_refusal(error)
            raise
        finally:
            self._controls.pop(correlation_id, None)

    def fail_controls(self, error: LongspanError) -> None:
        for each in list(self._controls.values()):
            each.fail(error)

    def leave(self) -> None:
        """Stops calling the listener; messages in flight still get their receipts."""
        self._closed = True
        self._forget_connect()

    async def close(self, goodbye: bool = False) -> None:
        """Closes the connection. With ``goodbye`` the bridge does not retain the session."""
        if goodbye and self._connected:
            farewell = {"type": "disconnect", "correlationId": self.ids.next()}
            self._publish("control", farewell, lambda _: None)
        self._forget_connect()
        try:
            await self._connection.close()
        finally:
            self.leave()

    def _publish(self, channel: str, data: Mapping[str, Any], receipt: Receipt) -> None:
        if self._session is None:
            receipt(NotSentError("There is no session"))
        else:
            self._connection.publish(f"{self._session.root}/{channel}", data, receipt)

    def _send_command(self, command: "_Command") -> None:
        command.uncertain = False

        def receipt(error: Optional[LongspanError]) -> None:
            # The answer may still arrive if the session is resumed.
            if isinstance(error, ConnectionLostError):
                command.uncertain = True
            elif error is not None:
                command.fail(error)

        self._publish("control", command.data, receipt)

    def _note_refusal(self, error: Optional[LongspanError]) -> None:
        """Connects again if the bridge does not have the client in this session.

        It may not have it while the pending ``connect`` waits for the broker, because that could
        not resume.
        """
        if self._closed or not isinstance(error, RefusedError):
            return
        if error.bridge_code == "notConnected":
            self.listener.interrupted()
            if self._pending is None and not self._down:
                self._send_connect()

    # -- The listener of the connection

    def opened(self, session: SessionInfo) -> None:
        if self._closed:
            return
        if self._token is not None and session.user != self._user:
            self._token = None
        if self._token is None:
            self.ids.begin(session.client_id)
            self._sequence.restart(0)
        self._session = session
        self._user = session.user
        self._connected = False
        self._down = False
        self._unanswered.clear()
        self._needed_from = None
        self.listener.interrupted()
        self._send_connect()

    def interrupted(self) -> None:
        if self._closed:
            return
        self._down = True
        self._forget_connect()
        self.listener.interrupted()

    def restored(self) -> None:
        if self._closed:
            return
        self._down = False
        self._send_connect()

    def failed(self, error: LongspanError) -> None:
        if not self._closed:
            self.listener.failed(error)

    def acknowledged(self) -> int:
        if not self._connected:
            return 0
        return self._sequence.last if self._needed_from is None else self._needed_from

    def received(self, data: Any) -> None:
        if self._closed:
            return
        incoming = decode(data)
        seq = data.get("seq") if isinstance(data, dict) else None
        if isinstance(incoming, Answer) and incoming.correlation_id in self._unanswered:
            if self._connect_answer(incoming, seq):
                return
        if not isinstance(seq, int):
            self._deliver(incoming)
            return
        order = self._sequence.take(seq, incoming)
        if order == "overrun":
            self.listener.overrun()
        elif order == "hole" and self._pending is None and not self._down:
            self._send_connect()

    # -- Connect and resume

    def _send_connect(self) -> None:
        """Sends ``connect``, with ``resume`` if there is a token; repeats it until answered."""
        self._forget_connect()
        session = self._session
        assert session is not None
        correlation_id = self.ids.next()
        self._unanswered[correlation_id] = None
        if len(self._unanswered) > MAX_UNANSWERED_CONNECTS:
            del self._unanswered[next(iter(self._unanswered))]
        if self._needed_from is None:
            self._needed_from = self._sequence.last
        self._pending = correlation_id
        seconds = self._options.control_timeout
        late = TimedOutError(f"No answer in {seconds:g} s")
        self._set_timer(seconds, lambda: self._connect_failed(correlation_id, late))
        data: Dict[str, Any] = {
            "type": "connect",
            "correlationId": correlation_id,
            "protocolVersion": session.version,
        }
        if self._token is not None:
            data["resume"] = {"token": self._token, "seq": self._sequence.last}

        def receipt(error: Optional[LongspanError]) -> None:
            if error is not None:
                self._connect_failed(correlation_id, error)

        self._publish("control", data, receipt)

    def _connect_failed(self, correlation_id: str, error: LongspanError) -> None:
        if self._pending != correlation_id or self._closed:
            return
        self._error = error
        if isinstance(error, RefusedError) and not error.temporary:
            self.listener.failed(error)
            return
        self._set_timer(self._backoff.next(), self._send_connect)

    def _set_timer(self, seconds: float, run: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, run)

    def _forget_connect(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._pending = None

    def _connect_answer(self, answer: Answer, seq: Optional[int]) -> bool:
        """Returns whether the answer decided about the session."""
        correlation_id = answer.correlation_id
        self._unanswered.pop(correlation_id, None)
        if not answer.ok:
            self._connect_failed(correlation_id, refused(answer))
            # A session in which the client is not connected has numbers of its own.
            return not self._connected
        # An earlier connect counts too, if its answer says that the old session is gone. The
        # others asked for the same session.
        if answer.info.resumed is False:
            self._unanswered.clear()
        elif correlation_id != self._pending:
            return False
        self._forget_connect()
        if answer.info.resumed is True and self._may_miss_messages(seq):
            self._send_connect()
            return False
        self._answered(answer.info, seq)
        return True

    def _may_miss_messages(self, seq: Optional[int]) -> bool:
        """Whether messages before the answer may have been lost in transit.

        If the same ones are missing after another connect, the bridge has discarded them.
        """
        last = self._sequence.last
        doubts = seq is not None and seq > last + 1 and self._missing_after != last
        self._missing_after = last if doubts else None
        return doubts

    def _answered(self, info: ConnectInfo, seq: Optional[int]) -> None:
        asked = self._token is not None
        resumed = asked and info.resumed is True
        if seq is not None:
            if resumed or not asked:
                self._sequence.settle(seq)
            else:
                self._sequence.restart(seq)
        if self._closed:
            return
        if asked and not resumed and not self._connected and self._session is not None:
            self.ids.begin(self._session.client_id)
        self._token = info.resume_token
        self._connected = True
        self._needed_from = None
        self._error = None
        self._backoff.reset()
        send_timeout = info.limits.get("sendTimeout")
        at_least = 0.0 if send_timeout is None else send_timeout / 1000 + MARGIN
        self._connection.reply_time = max(self._options.network_timeout, at_least)
        if resumed:
            # Commands are idempotent.
            for command in list(self._controls.values()):
                if command.uncertain:
                    self._send_command(command)
        self.listener.connected(info, resumed)

    def _deliver(self, incoming: Incoming) -> None:
        if self._closed:
            return
        if isinstance(incoming, Answer):
            command = self._controls.get(incoming.correlation_id)
            if command is not None:
                command.settle(incoming)
                return
        self.listener.received(incoming)


class _Command:
    """A control message without an answer."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        #: Whether it may not have reached the bridge.
        self.uncertain = False
        self.answer: "asyncio.Future[Answer]" = asyncio.get_running_loop().create_future()

    def settle(self, answer: Answer) -> None:
        if not self.answer.done():
            if answer.ok:
                self.answer.set_result(answer)
            else:
                self.answer.set_exception(refused(answer))

    def fail(self, error: LongspanError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def refused(answer: Any) -> RefusedError:
    """Returns the error for a refusal of the bridge."""
    return RefusedError(answer.error_code, answer.error_message, answer.temporary)
