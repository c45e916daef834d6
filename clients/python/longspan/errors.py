"""The errors of this client. Each call has one outcome: its result or one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional, Sequence


class LongspanError(Exception):
    """Base class of all errors of this client.

    ``code`` is stable. ``temporary`` says whether the same call may succeed later. It does not say
    that nothing was done: after a ``TimedOutError`` or a ``ConnectionLostError`` a second call may
    do the work twice.
    """

    code: ClassVar[str] = ""
    temporary: bool = False


class NotSentError(LongspanError):
    """The message was not processed and can be sent again."""

    code = "notSent"
    temporary = True


class RefusedError(LongspanError):
    """The bridge refused the call, or this client did because of a limit of the bridge.

    ``bridge_code`` is the bridge's: ``notAuthorized``, ``badRequest``, ``limitExceeded``, … No
    service has received the message, except possibly after ``internalError`` or ``sendFailed``.
    """

    code = "refused"

    def __init__(self, bridge_code: str, message: str, temporary: bool = False) -> None:
        super().__init__(f"{bridge_code}: {message}" if message else bridge_code)
        self.bridge_code = bridge_code
        self.temporary = temporary


class TimedOutError(LongspanError):
    """No answer arrived in time. The message was sent, so a service may have processed it."""

    code = "timedOut"
    temporary = True


class ConnectionLostError(LongspanError):
    """The connection failed before the outcome was known: the work may have been done or not.

    ``bridge_code`` is ``brokerUnavailable`` if the bridge lost its broker, or the reason for which
    the bridge terminated the session.
    """

    code = "connectionLost"
    temporary = True

    def __init__(self, message: str, bridge_code: Optional[str] = None) -> None:
        super().__init__(message)
        self.bridge_code = bridge_code


class CancelledError(LongspanError):
    """The call was cancelled by ``disconnect()``, or too many parts wait for their reader.

    A cancelled task sees ``asyncio.CancelledError``, as everywhere.
    """

    code = "cancelled"


class AuthenticationError(LongspanError):
    """Credentials are wrong, missing or expired. The client has stopped."""

    code = "authentication"


@dataclass(frozen=True)
class TopicFailure:
    """A topic that could not be subscribed."""

    topic: str
    error: str
    #: Whether the topic may be subscribed later.
    temporary: bool


class TopicSubscribeError(LongspanError):
    """Every topic was refused. ``temporary`` is true if it is for one of them."""

    code = "subscribeFailed"

    def __init__(self, failed: Sequence[TopicFailure]) -> None:
        super().__init__("; ".join(f"{each.topic}: {each.error}" for each in failed))
        self.failed = tuple(failed)
        self.temporary = any(each.temporary for each in failed)
