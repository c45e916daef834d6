"""Bayeux 1.0 with the bridge: creates sessions, keeps them alive, and reports each outcome."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Protocol, Sequence, Union

import aiohttp

from .codec import decode_bayeux_error, to_json
from .errors import (
    AuthenticationError,
    ConnectionLostError,
    LongspanError,
    NotSentError,
    RefusedError,
)
from .options import Backoff, Options
from .tokens import Tokens
from .transports import (
    BRIDGE_ID,
    REPEATED,
    Bayeux,
    LongPolling,
    TransportError,
    WebSocket,
    is_reply,
)

log = logging.getLogger("longspan")

#: Versions of the protocol, the newest first.
VERSIONS = ("1.2", "1.1")

#: Failed attempts in one session after which another transport is tried.
PATIENCE = 4

#: Bounds of one request: number of messages, and characters of their JSON.
MAX_BATCH, MAX_BATCH_LENGTH = 50, 100_000

#: Called with the outcome of a publish: ``None`` if the broker has taken the message.
Receipt = Callable[[Optional[LongspanError]], None]


@dataclass(frozen=True)
class SessionInfo:
    """A Bayeux session."""

    client_id: str
    user_channel: str
    root: str
    bridge_id: Optional[str]
    user: Optional[str]
    version: str


class Listener(Protocol):
    """Receives what happens to a connection. Called in the event loop."""

    def opened(self, session: SessionInfo) -> None:
        """There is a new session; messages may be published."""

    def interrupted(self) -> None:
        """The network or the session is gone; ``opened`` or ``restored`` may follow."""

    def restored(self) -> None:
        """The network is back, in the same session."""

    def received(self, data: Any) -> None:
        """A message on the user channel."""

    def failed(self, error: LongspanError) -> None:
        """The connection has failed for good; nothing follows."""

    def acknowledged(self) -> int:
        """Returns the number of the last received message, 0 without one."""


class _SessionGone(Exception):
    """The bridge no longer knows the session."""


@dataclass
class _Open:
    """A message without a reply."""

    replied: Callable[[Union[Bayeux, TransportError]], None]
    written: bool = False
    timer: Optional[asyncio.TimerHandle] = None


class Connection:
    """One Bayeux session after another, until it is closed or fails for good."""

    def __init__(self, options: Options, listener: Listener) -> None:
        self._options = options
        self._listener = listener
        self._tokens = Tokens(options)
        self._backoff = Backoff(options)
        self._http: Optional[aiohttp.ClientSession] = None
        self._transport: Union[LongPolling, WebSocket, None] = None
        self._session: Optional[SessionInfo] = None
        self._task: Optional["asyncio.Task[None]"] = None
        self._sender: Optional["asyncio.Task[None]"] = None
        self._hurry = asyncio.Event()
        self._ids = 0
        self._open: Dict[str, _Open] = {}
        self._outbox: Deque[Bayeux] = deque()
        self._advice: Dict[str, Any] = {}
        self._active = False
        self._subscribed = False
        self._up = False
        self._closing = False
        #: Whether the bridge has rejected a session, and none has worked since.
        self._told = False
        self._ended: Optional[str] = None
        self._end: Optional[LongspanError] = None
        #: Why there is no connection, for people.
        self.problem: Optional[str] = None
        #: Seconds that a reply may take.
        self.reply_time = options.network_timeout

    @property
    def transport(self) -> Optional[str]:
        """The name of the transport in use."""
        return None if self._transport is None else self._transport.name

    def open(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        """Starts the next attempt now, without back-off."""
        self._backoff.reset()
        self._hurry.set()

    def publish(self, channel: str, data: Mapping[str, Any], receipt: Receipt) -> None:
        """Sends a message. The receipt is called once."""
        if not self._active:
            receipt(NotSentError("There is no connection"))
            return
        self._enqueue({"channel": channel, "data": data}, lambda r: receipt(_receipt_error(r)))

    async def close(self) -> None:
        """Ends the session. Waits for the bridge for ``close_timeout``."""
        if self._closing:
            return
        self._closing = True
        if self._up:
            try:
                await asyncio.wait_for(self._say_goodbye(), self._options.close_timeout)
            except (asyncio.TimeoutError, TransportError, LongspanError):
                log.debug("the bridge did not answer the disconnect")
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _say_goodbye(self) -> None:
        while self._sender is not None and not self._sender.done():
            await asyncio.wait([self._sender])
        await self._ask({"channel": "/meta/disconnect"}, self._options.close_timeout)

    async def _run(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as self._http:
            try:
                await self._tokens.renew()
                while not self._closing:
                    await self._handshake()
                    await self._keep()
                # close() ends this task when the bridge has answered its disconnect.
                await asyncio.sleep(self._options.close_timeout)
            except LongspanError as error:
                self._fail(error)
            except Exception as error:  # A defect must not leave a silent client behind.
                log.exception("unexpected")
                self._fail(ConnectionLostError(f"Unexpected: {error!r}"))
            finally:
                self._active = self._up = False
                await self._hang_up()
                self._fail_open("The connection was closed")

    def _fail(self, error: LongspanError) -> None:
        if not self._closing:
            self._closing = True
            self._listener.failed(error)

    # -- Sessions

    async def _handshake(self) -> None:
        """Creates a session. Raises ``LongspanError`` if that cannot succeed."""
        while True:
            interval = 0.0
            for name in self._options.transports:
                await self._use(name)
                try:
                    reply = await self._ask(
                        {
                            "channel": "/meta/handshake",
                            "version": "1.0",
                            "minimumVersion": "1.0",
                            "supportedConnectionTypes": [name],
                            "advice": {"timeout": 60_000, "interval": 0},
                        },
                        self._options.web_socket_timeout
                        if name == WebSocket.name
                        else self.reply_time,
                    )
                except TransportError as failure:
                    if failure.status in (401, 403):
                        await self._refused(failure.status, str(failure))
                    self.problem = f"{name}: {failure}"
                    log.info("no handshake over %s: %s", name, failure)
                    continue
                if reply.get("successful") is True:
                    self._begin(reply)
                    return
                code, text = decode_bayeux_error(reply.get("error"))
                self.problem = f"{name}: {text}"
                if code in ("401", "403"):
                    await self._refused(int(code), text)
                elif self._advice.get("reconnect") == "none":
                    raise RefusedError(code or "handshake", text)
                # A bridge to which many clients return gives each of them another time.
                interval = self._advice_seconds("interval", 0.0)
                break
            await self._pause(interval + self._backoff.next())

    def _begin(self, reply: Bayeux) -> None:
        session = _read_session(reply)
        if session is None:
            raise RefusedError("unsupportedVersion", "The server is not a Longspan bridge")
        self._fail_open("The session was lost")
        self._session = session
        self._tokens.accepted()
        self._ended = self._end = None
        self._active = self._up = True
        self._subscribe()
        self._listener.opened(session)

    def _subscribe(self) -> None:
        session = self._session
        assert session is not None
        self._subscribed = True

        def replied(reply: Union[Bayeux, TransportError]) -> None:
            if session is not self._session:
                return
            if isinstance(reply, TransportError):
                self._subscribed = False
            elif reply.get("successful") is not True:
                code, text = decode_bayeux_error(reply.get("error"))
                if code != "402":
                    self._terminate(RefusedError(code, text))

        message = {"channel": "/meta/subscribe", "subscription": session.user_channel}
        self._enqueue(message, replied)

    async def _keep(self) -> None:
        """Keeps the session alive; returns when another handshake is due."""
        connected = False
        down_since = 0.0
        failures = 0
        while True:
            hold = 0.0 if not connected else self._advice_seconds("timeout", 30.0)
            await self._tokens.renew_if_due(hold)
            try:
                reply = await self._connect(hold)
                if self._closing:
                    return
                if reply.get("successful") is not True:
                    # Raises unless the same session may be tried again.
                    await self._after_refusal(reply)
                    raise TransportError(decode_bayeux_error(reply.get("error"))[1])
            except _SessionGone:
                self._interrupt()
                self._active = False
                # The bridge is reachable, so the first handshake is immediate; further ones wait.
                if self._told:
                    await self._pause(self._backoff.next())
                self._told = True
                return
            except TransportError as failure:
                connected = False
                if self._closing:
                    return
                self._interrupt()
                if failure.status in (401, 403):
                    await self._refused(failure.status, str(failure))
                    self._active = False
                    return
                self.problem = f"{self.transport}: {failure}"
                down_since = down_since or time.monotonic()
                delay = self._backoff.next()
                lasts = self._advice_seconds("maxInterval", 0.0)
                lasts += self._advice_seconds("timeout", 30.0) if lasts > 0 else 0.0
                if 0 < lasts < time.monotonic() - down_since + delay:
                    self._active = False
                    await self._pause(delay)
                    return
                failures += 1
                if failures >= PATIENCE:
                    await self._use(self._other_transport())
                await self._pause(delay)
                continue
            if self._advice.get("reconnect") == "none":
                raise ended(self._ended)
            self._tokens.accepted()
            self._backoff.reset()
            connected, down_since, failures = True, 0.0, 0
            self._told = False
            if not self._subscribed:
                self._subscribe()
            if not self._up:
                self._up = True
                self._listener.restored()
            interval = self._advice_seconds("interval", 0.0)
            if interval > 0:
                await asyncio.sleep(interval)

    async def _connect(self, hold: float) -> Bayeux:
        message: Bayeux = {"channel": "/meta/connect", "connectionType": self.transport}
        if hold == 0:
            message["advice"] = {"timeout": 0}
        message["ext"] = {"bridge": {"seq": self._listener.acknowledged()}}
        probes = hold == 0 and isinstance(self._transport, WebSocket)
        patience = self._options.web_socket_timeout if probes else self.reply_time
        return await self._ask(message, patience + hold)

    async def _after_refusal(self, reply: Bayeux) -> None:
        code, text = decode_bayeux_error(reply.get("error"))
        advice = reply.get("advice", {}).get("reconnect", "retry")
        if advice == "handshake":
            raise _SessionGone
        if code in ("401", "403"):
            await self._refused(int(code), text)
            raise _SessionGone
        if advice == "none":
            raise ended(text)

    async def _refused(self, status: int, text: str) -> None:
        """Fetches a new token if that may help. Raises the error of a 401 or 403 otherwise."""
        found = re.search(r"(limitExceeded|originRefused): *(.*)", text, re.DOTALL)
        if found is not None:
            raise RefusedError(found[1], found[2].strip(), found[1] == "limitExceeded")
        if not self._tokens.may_help:
            raise AuthenticationError(f"The bridge does not know this user ({status})")
        await self._tokens.renew()

    def _terminate(self, error: LongspanError) -> None:
        """Stops the session from outside of ``_run``."""
        self._end = error
        for each in list(self._open.values()):
            each.replied(TransportError(str(error)))
        self._open.clear()

    def _interrupt(self) -> None:
        if self._up:
            self._up = False
            self._listener.interrupted()

    async def _pause(self, seconds: float) -> None:
        self._hurry.clear()
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    def _advice_seconds(self, name: str, default: float) -> float:
        value = self._advice.get(name)
        return value / 1000 if isinstance(value, (int, float)) else default

    # -- Transports

    async def _use(self, name: str) -> None:
        await self._hang_up()
        assert self._http is not None
        url, received = self._options.url, self._received
        if name == LongPolling.name:
            self._transport = LongPolling(self._http, url, self._headers, received)
        else:
            timeout = self._options.web_socket_timeout
            self._transport = WebSocket(
                self._http, url, self._headers, received, timeout, self._socket_lost
            )

    async def _hang_up(self) -> None:
        if self._transport is not None:
            await self._transport.close()

    def _other_transport(self) -> str:
        others = [name for name in self._options.transports if name != self.transport]
        return others[0] if others else self._options.transports[0]

    def _headers(self) -> Mapping[str, str]:
        options, token = self._options, self._tokens.current
        headers: Dict[str, str] = {}
        if options.user is not None:
            pair = f"{options.user}:{options.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        headers.update(options.headers)
        if self._active and self._session is not None and self._session.bridge_id is not None:
            headers[BRIDGE_ID] = self._session.bridge_id
        return headers

    # -- Messages

    async def _ask(self, message: Bayeux, patience: float) -> Bayeux:
        """Sends a message by itself and returns the reply. Raises ``TransportError``."""
        transport = self._transport
        assert transport is not None
        if self._end is not None:
            raise self._end
        reply: "asyncio.Future[Bayeux]" = asyncio.get_running_loop().create_future()

        def replied(outcome: Union[Bayeux, TransportError]) -> None:
            if reply.done():
                return
            if isinstance(outcome, TransportError):
                reply.set_exception(outcome)
            else:
                reply.set_result(outcome)

        identified = self._register(message, replied)
        self._open[identified["id"]].written = True
        try:
            await transport.write([identified], patience)
            return await asyncio.wait_for(reply, patience)
        except asyncio.TimeoutError as cause:
            await transport.close()
            raise TransportError(f"No reply in {patience:g} s") from cause
        except TransportError:
            if self._end is not None:
                raise self._end from None
            raise
        finally:
            self._open.pop(identified["id"], None)
            if reply.done() and not reply.cancelled():
                reply.exception()

    def _enqueue(
        self, message: Bayeux, replied: Callable[[Union[Bayeux, TransportError]], None]
    ) -> None:
        self._outbox.append(self._register(message, replied))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    def _register(
        self, message: Bayeux, replied: Callable[[Union[Bayeux, TransportError]], None]
    ) -> Bayeux:
        self._ids += 1
        identified: Bayeux = {"id": str(self._ids), **message}
        if self._active and self._session is not None:
            identified["clientId"] = self._session.client_id
        if self._tokens.current is not None and message["channel"] in (
            "/meta/handshake",
            "/meta/connect",
        ):
            identified["ext"] = {**message.get("ext", {}), "token": self._tokens.current}
        self._open[identified["id"]] = _Open(replied)
        return identified

    async def _send_all(self) -> None:
        """Sends what waits, one request after the other, so that messages stay in order."""
        while self._outbox:
            transport: Any = self._transport
            batch = self._next_batch()
            patience = self.reply_time
            loop = asyncio.get_running_loop()
            for message in batch:
                waiting = self._open.get(message["id"])
                if waiting is not None:
                    waiting.written = True
                    if isinstance(transport, WebSocket):
                        waiting.timer = loop.call_later(patience, self._late)
            try:
                await transport.write(batch, patience)
            except TransportError as failure:
                self._fail_messages(batch, failure)
                unsent = TransportError("The previous request failed", written=False)
                self._fail_messages(list(self._outbox), unsent)
                self._outbox.clear()

    def _next_batch(self) -> List[Bayeux]:
        batch: List[Bayeux] = []
        length = 0
        while self._outbox and len(batch) < MAX_BATCH:
            length += len(to_json(self._outbox[0]))
            if batch and length > MAX_BATCH_LENGTH:
                break
            batch.append(self._outbox.popleft())
        return batch

    def _late(self) -> None:
        asyncio.get_running_loop().create_task(self._hang_up())

    def _fail_messages(self, messages: Sequence[Bayeux], failure: TransportError) -> None:
        for message in messages:
            self._settle(message["id"], failure)

    def _fail_open(self, reason: str) -> None:
        """Fails everything in flight."""
        self._outbox.clear()
        for key, each in list(self._open.items()):
            self._settle(key, TransportError(reason, written=each.written))

    def _socket_lost(self, reason: str) -> None:
        for key, each in list(self._open.items()):
            if each.written:
                self._settle(key, TransportError(reason))

    def _settle(self, key: str, outcome: Union[Bayeux, TransportError]) -> None:
        each = self._open.pop(key, None)
        if each is None:
            return
        if each.timer is not None:
            each.timer.cancel()
        each.replied(outcome)

    def _received(self, messages: Sequence[Bayeux]) -> None:
        for message in messages:
            # A defect in the handling of one message must not lose the others.
            try:
                self._handle(message)
            except Exception:
                log.exception("unexpected")

    def _handle(self, message: Bayeux) -> None:
        advice = message.get("advice")
        if isinstance(advice, dict):
            self._advice = advice
        if is_reply(message):
            key = str(message.get("id"))
            if message["channel"] == "/meta/disconnect" and key not in self._open:
                self._terminate(ended(self._ended))
            self._settle(key, message)
            return
        if self._session is None or message["channel"] != self._session.user_channel:
            return
        data = message["data"]
        if isinstance(data, dict) and data.get("type") == "sessionEnded":
            self._ended = str(data.get("reason"))
        else:
            self._listener.received(data)


def ended(reason: Optional[str]) -> LongspanError:
    """Returns the error for a session that the bridge has terminated."""
    if reason in ("loggedOut", "credentialEnded", "signInLimit", "tokenExpired"):
        return AuthenticationError(f"The bridge has ended the session ({reason})")
    told = f" ({reason})" if reason else ""
    return ConnectionLostError(f"The bridge has ended the session{told}", reason)


def _read_session(reply: Bayeux) -> Optional[SessionInfo]:
    ext = reply.get("ext")
    bridge = ext.get("bridge") if isinstance(ext, dict) else None
    channel = bridge.get("userChannel") if isinstance(bridge, dict) else None
    client_id = reply.get("clientId")
    if not isinstance(channel, str) or not isinstance(client_id, str):
        return None
    assert isinstance(bridge, dict)
    spoken = bridge.get("protocolVersions") or []
    return SessionInfo(
        client_id=client_id,
        user_channel=channel,
        # <root>/user/<user>/<clientId>
        root=channel.rsplit("/", 3)[0],
        bridge_id=bridge.get("bridgeId"),
        user=bridge.get("user"),
        version=next((version for version in VERSIONS if version in spoken), VERSIONS[-1]),
    )


def _receipt_error(reply: Union[Bayeux, TransportError]) -> Optional[LongspanError]:
    if isinstance(reply, TransportError):
        return ConnectionLostError(str(reply)) if reply.written else NotSentError(str(reply))
    if reply.get("successful") is True:
        return None
    code, text = decode_bayeux_error(reply.get("error"))
    # 402 is Bayeux's "unknown session": the bridge has not processed the message. But the session
    # may have ended after an earlier attempt, which then was processed.
    if code == "402":
        lost = "The session was lost"
        return ConnectionLostError(lost) if REPEATED in reply else NotSentError(lost)
    ext = reply.get("ext")
    bridge = ext.get("bridge") if isinstance(ext, dict) else None
    temporary = isinstance(bridge, dict) and bridge.get("temporary") is True
    return RefusedError("notAuthorized" if code == "403" else code, text, temporary)
