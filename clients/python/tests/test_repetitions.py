"""What the client reports of messages that it has repeated over long polling."""

from __future__ import annotations

import asyncio
import json
import unittest
from typing import Any, Dict, List, Mapping, Optional, Tuple
from unittest.mock import Mock, patch

import aiohttp

from longspan import ConnectionLostError, LongspanError, NotSentError
from longspan.bayeux import Connection
from longspan.options import Options
from longspan.transports import LongPolling

CLOSED = aiohttp.ServerDisconnectedError()
UNREACHABLE = aiohttp.ClientConnectorError(Mock(), OSError(111, "Connection refused"))


class Bridge:
    """In place of HTTP."""

    def __init__(self) -> None:
        self.has_session = False
        #: The published texts of each request.
        self.published: List[List[str]] = []
        #: What the next requests with published messages end with, instead of a response.
        self.failures: List[Exception] = []
        #: Closes the connection of the poll.
        self.closed = asyncio.Event()

    async def post(self, body: bytes, headers: Mapping[str, str], deadline: float) -> str:
        messages: List[Dict[str, Any]] = json.loads(body)
        texts = [message["data"]["text"] for message in messages if "data" in message]
        if texts:
            self.published.append(texts)
            await asyncio.sleep(0)
            if self.failures:
                raise self.failures.pop(0)
        if messages[0]["channel"] == "/meta/connect" and "advice" not in messages[0]:
            if not self.closed.is_set():
                await self.closed.wait()
                raise CLOSED
        return json.dumps([self._reply(message) for message in messages])

    def _reply(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        reply = {"id": message["id"], "channel": message["channel"], "successful": True}
        if message["channel"] == "/meta/handshake":
            self.has_session = True
            self.closed.clear()
            session = {"bridge": {"userChannel": "/anzo/user/alice/s1"}}
            return {**reply, "clientId": "s1", "ext": session}
        if self.has_session:
            return reply
        advice = {"reconnect": "handshake"}
        return {**reply, "successful": False, "error": "402::Unknown client", "advice": advice}


class Repetitions(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.bridge = Bridge()
        patched = patch.object(LongPolling, "_post", self.bridge.post)
        patched.start()
        self.addCleanup(patched.stop)
        options = Options("http://127.0.0.1/cometd", transports=("long-polling",))
        self.listener = Mock(acknowledged=lambda: 0)
        self.connection = Connection(options, self.listener)
        self.connection.open()
        await self.handshaken(1)

    async def asyncTearDown(self) -> None:
        await self.connection.close()

    async def handshaken(self, times: int) -> None:
        while self.listener.opened.call_count < times:
            await asyncio.sleep(0)

    def publish(self, text: str) -> "asyncio.Future[Optional[LongspanError]]":
        outcome: "asyncio.Future[Optional[LongspanError]]" = asyncio.Future()
        self.connection.publish("/anzo/bridge", {"text": text}, outcome.set_result)
        return outcome

    async def outcome(self, text: str) -> Tuple[Optional[type], str]:
        error = await self.publish(text)
        return None if error is None else type(error), str(error)

    async def test_a_repeated_message_gets_its_receipt(self) -> None:
        self.bridge.failures = [CLOSED]
        self.assertIsNone(await self.publish("a"))
        self.assertEqual(self.bridge.published, [["a"], ["a"]])

    async def test_a_message_that_is_sent_once_was_not_processed_without_a_session(self) -> None:
        self.bridge.has_session = False
        self.assertEqual(await self.outcome("a"), (NotSentError, "The session was lost"))

    async def test_a_repeated_message_may_have_been_processed_before_the_session_ended(
        self,
    ) -> None:
        self.bridge.failures = [CLOSED]
        self.bridge.has_session = False
        repeated = asyncio.ensure_future(self.outcome("a"))
        while not self.bridge.published:
            await asyncio.sleep(0)
        waiting = asyncio.ensure_future(self.outcome("b"))
        self.assertEqual(await repeated, (ConnectionLostError, "The session was lost"))
        self.assertEqual(await waiting, (NotSentError, "The session was lost"))
        self.assertEqual(self.bridge.published, [["a"], ["a"], ["b"]])

    async def test_a_message_may_have_been_processed_if_it_cannot_be_repeated(self) -> None:
        self.bridge.failures = [CLOSED, UNREACHABLE]
        self.assertEqual((await self.outcome("a"))[0], ConnectionLostError)
        self.bridge.failures = [UNREACHABLE]
        self.assertEqual((await self.outcome("b"))[0], NotSentError)

    async def test_a_repeated_poll_without_a_session_leads_to_a_new_one(self) -> None:
        self.bridge.has_session = False
        self.bridge.closed.set()
        await self.handshaken(2)
        self.assertIsNone(await self.publish("a"))


if __name__ == "__main__":
    unittest.main()
