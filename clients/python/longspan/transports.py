"""Long polling and WebSocket: they carry Bayeux messages to the bridge and back."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import aiohttp

from .codec import to_json

BRIDGE_ID = "X-Bridge-Id"

#: Key that a reply has if its request was repeated, after an attempt that got no response.
REPEATED = "repeated"

#: Within these seconds a request fails that was sent on a connection already closed.
CLOSED_WITHIN = 2.0

Bayeux = Dict[str, Any]
Received = Callable[[Sequence[Bayeux]], None]


class TransportError(Exception):
    """A transport failed: messages that were written have no reply."""

    def __init__(self, reason: str, *, written: bool = True, status: int = 0) -> None:
        super().__init__(reason)
        #: Whether the bridge may have received the messages.
        self.written = written
        #: Status of the HTTP response of the bridge; 0 without one.
        self.status = status


def parse(text: str) -> List[Bayeux]:
    """Returns the messages. Raises ``TransportError`` if the text is not Bayeux."""
    try:
        parsed = json.loads(text)
    except ValueError as cause:
        raise TransportError("The response is not JSON") from cause
    messages = parsed if isinstance(parsed, list) else [parsed]
    if not all(isinstance(m, dict) and isinstance(m.get("channel"), str) for m in messages):
        raise TransportError("The response is not Bayeux")
    return messages


def is_reply(message: Bayeux) -> bool:
    """Whether it answers a message of this client, and was not published."""
    return "data" not in message or message["channel"].startswith("/meta/")


class LongPolling:
    """Each write is an HTTP request, and its response has the replies."""

    name = "long-polling"

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        headers: Callable[[], Mapping[str, str]],
        received: Received,
    ) -> None:
        self._http = http
        self._url = url
        self._headers = headers
        self._received = received

    async def write(self, messages: Sequence[Bayeux], deadline: float) -> None:
        """Sends messages and passes on what comes back. Raises ``TransportError``."""
        headers = {"Content-Type": "application/json;charset=UTF-8", **self._headers()}
        headers.update(_correlation_header(messages))
        body = to_json(messages).encode()
        began = time.monotonic()
        repeated = False
        try:
            try:
                text = await self._post(body, headers, deadline)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as closed:
                connecting = isinstance(closed, aiohttp.ClientConnectorError)
                if connecting or time.monotonic() - began > CLOSED_WITHIN:
                    raise
                # A proxy that is reloaded closes connections. The bridge recognises a repetition.
                repeated = True
                text = await self._post(body, headers, deadline)
        except aiohttp.ClientConnectorError as cause:
            raise TransportError(str(cause), written=repeated) from cause
        except asyncio.TimeoutError as cause:
            raise TransportError(f"No reply in {deadline:g} s") from cause
        except aiohttp.ClientError as cause:
            raise TransportError(str(cause) or type(cause).__name__) from cause
        received = parse(text)
        if repeated:
            received = [{**message, REPEATED: True} for message in received]
        self._received(received)
        replied = {message.get("id") for message in received if is_reply(message)}
        if any(message["id"] not in replied for message in messages):
            raise TransportError("No reply in the response")

    async def _post(self, body: bytes, headers: Mapping[str, str], deadline: float) -> str:
        timeout = aiohttp.ClientTimeout(total=deadline)
        async with self._http.post(
            self._url, data=body, headers=headers, timeout=timeout
        ) as response:
            text = await response.text("utf-8")
            if response.status != 200:
                # A proxy that answers in place of the bridge says nothing about the user.
                status = response.status if BRIDGE_ID in response.headers else 0
                raise TransportError(f"HTTP status {response.status} {text[:200]}", status=status)
            return text

    async def close(self) -> None:
        """Nothing is open between two writes."""


class WebSocket:
    """Opens a socket when there is something to send."""

    name = "websocket"

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        headers: Callable[[], Mapping[str, str]],
        received: Received,
        timeout: float,
        lost: Callable[[str], None],
    ) -> None:
        self._http = http
        self._url = "ws" + url[len("http") :]
        self._headers = headers
        self._received = received
        self._timeout = timeout
        self._lost = lost
        self._opening = asyncio.Lock()
        self._socket: Optional[aiohttp.ClientWebSocketResponse] = None
        self._reader: Optional["asyncio.Task[None]"] = None

    async def write(self, messages: Sequence[Bayeux], deadline: float) -> None:
        """Sends messages; what comes back is passed on later. Raises ``TransportError``."""
        socket = await self._open()
        try:
            await asyncio.wait_for(socket.send_str(to_json(messages)), deadline)
        except (asyncio.TimeoutError, ConnectionError, aiohttp.ClientError) as cause:
            await self.close()
            raise TransportError(str(cause) or type(cause).__name__) from cause

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        async with self._opening:
            if self._socket is not None and not self._socket.closed:
                return self._socket
            connecting = self._http.ws_connect(
                self._url, headers=self._headers(), max_msg_size=0, autoclose=True
            )
            try:
                socket = await asyncio.wait_for(connecting, self._timeout)
            except asyncio.TimeoutError as cause:
                raise TransportError("Connect timeout", written=False) from cause
            except aiohttp.WSServerHandshakeError as cause:
                own = cause.headers is not None and BRIDGE_ID in cause.headers
                raise TransportError(
                    f"HTTP status {cause.status}", written=False, status=cause.status if own else 0
                ) from cause
            except (OSError, aiohttp.ClientError) as cause:
                raise TransportError(str(cause), written=False) from cause
            self._socket = socket
            self._reader = asyncio.get_running_loop().create_task(self._read(socket))
            return socket

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        reason = "The WebSocket was closed"
        try:
            async for frame in socket:
                if frame.type != aiohttp.WSMsgType.TEXT:
                    break
                self._received(parse(frame.data))
        except TransportError as failure:
            reason = str(failure)
        finally:
            # What a socket that was given up delivers late is delivered again in the session.
            if self._socket is socket:
                self._socket = None
                self._lost(reason)
            await socket.close()

    async def close(self) -> None:
        """Closes the socket; a later write opens another one."""
        socket, self._socket = self._socket, None
        reader, self._reader = self._reader, None
        if socket is None:
            return
        self._lost("The WebSocket was closed")
        if reader is not None and reader is not asyncio.current_task():
            reader.cancel()


def _correlation_header(messages: Sequence[Bayeux]) -> Mapping[str, str]:
    """Returns ``X-Correlation-Id`` if the messages have exactly one (protocol section 7)."""
    ids = []
    for message in messages:
        data = message.get("data")
        if not isinstance(data, Mapping):
            continue
        found = data.get("correlationId") or data.get("properties", {}).get("JMSCorrelationID")
        if isinstance(found, str):
            ids.append(found)
    plain = len(ids) == 1 and all("!" <= char <= "~" for char in ids[0])
    return {"X-Correlation-Id": ids[0]} if plain else {}
