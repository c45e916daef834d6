"""The options of a client."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Awaitable, Callable, Mapping, Optional, Tuple, Union
from urllib.parse import urlsplit

Token = Union[str, Callable[[], Union[str, Awaitable[str]]]]

TRANSPORTS = ("websocket", "long-polling")


@dataclass(frozen=True)
class Options:
    """The options of a client. All times are in seconds, greater than 0."""

    #: The Bayeux endpoint: http or https, without a query.
    url: str
    #: User name and password for HTTP Basic.
    user: Optional[str] = None
    password: str = ""
    #: A bearer token, or a function or coroutine function that returns one. The function is called
    #: again before the token expires, and if the bridge rejects the token.
    token: Optional[Token] = None
    #: Transports in the order of preference.
    transports: Tuple[str, ...] = TRANSPORTS
    #: Sent with every HTTP request and with the WebSocket upgrade.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Time that a request waits for its answer, or for the next part.
    request_timeout: float = 30.0
    #: Time for which ``connect()`` retries; 0: for ever.
    connect_timeout: float = 30.0
    #: Time to wait for the answer to a control message, for example a subscription.
    control_timeout: float = 15.0
    #: Time after which a WebSocket that does not open or answer counts as blocked.
    web_socket_timeout: float = 3.0
    #: Time without a reply after which the connection counts as broken. At least two seconds more
    #: than ``limits["sendTimeout"]``, if the bridge sends that.
    network_timeout: float = 10.0
    #: Time that ``disconnect()`` waits for the bridge.
    close_timeout: float = 2.0
    #: Pauses between attempts: doubled from the first to the second, with jitter.
    reconnect_initial: float = 0.25
    reconnect_max: float = 10.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or parts.query or parts.fragment:
            raise ValueError(f"url: {self.url}; allowed: http or https, without query")
        if self.user is not None and self.token is not None:
            raise ValueError("user, token: one of them at most")
        if not self.transports or any(name not in TRANSPORTS for name in self.transports):
            allowed = ", ".join(TRANSPORTS)
            raise ValueError(f"transports: {self.transports}; allowed: {allowed}, at least one")
        for name in ("request", "control", "web_socket", "network", "close"):
            require_time(f"{name}_timeout", getattr(self, f"{name}_timeout"))
        if self.connect_timeout < 0:
            raise ValueError(f"connect_timeout: {self.connect_timeout}; allowed: 0 or more seconds")
        require_time("reconnect_initial", self.reconnect_initial)
        if self.reconnect_max < self.reconnect_initial:
            least = self.reconnect_initial
            raise ValueError(f"reconnect_max: {self.reconnect_max}; allowed: {least} or more")


def require_time(name: str, seconds: float) -> float:
    """Returns the time. Raises ``ValueError`` if it is not greater than 0."""
    if not seconds > 0:
        raise ValueError(f"{name}: {seconds}; allowed: more than 0 seconds")
    return seconds


class Backoff:
    """Computes the pauses between attempts, each random between half of a limit and the limit."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._attempt = 0

    def next(self) -> float:
        """Returns the next pause in seconds."""
        doubled = self._options.reconnect_initial * 2.0 ** min(self._attempt, 30)
        self._attempt += 1
        return min(self._options.reconnect_max, doubled) * (0.5 + random.random() / 2)

    def reset(self) -> None:
        self._attempt = 0
