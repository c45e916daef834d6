"""What becomes of the client in a session in which the bridge does not have it."""

from __future__ import annotations

import asyncio
import unittest
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional
from unittest.mock import patch

from longspan import CancelledError, Gap, LongspanClient, NotSentError, RefusedError
from longspan.bayeux import Listener, Receipt, SessionInfo
from longspan.codec import MissedTopic
from longspan.options import Options

SESSION = SessionInfo("s1", "/anzo/user/alice/s1", "/anzo", "b1", "alice", "1.2")
NOT_CONNECTED = RefusedError("notConnected", "send connect on the control channel first")


@dataclass
class Sent:
    """What the client has sent, and its receipt."""

    data: Mapping[str, Any]
    receipt: Receipt


class Bridge:
    """In place of ``Connection``. The test answers."""

    problem: Optional[str] = None
    transport: Optional[str] = "websocket"
    reply_time = 0.0

    def __init__(self, options: Options, listener: Listener) -> None:
        self.listener = listener
        self.sent: List[Sent] = []
        self.seq = 0

    def open(self) -> None:
        self.listener.opened(SESSION)

    def publish(self, channel: str, data: Mapping[str, Any], receipt: Receipt) -> None:
        self.sent.append(Sent(data, receipt))

    async def close(self) -> None:
        pass

    def commands(self, kind: str) -> List[Mapping[str, Any]]:
        return [each.data for each in self.sent if each.data.get("type") == kind]

    def deliver(self, data: Mapping[str, Any]) -> None:
        self.seq += 1
        self.listener.received({**data, "seq": self.seq})

    async def answer(self, kind: str, **fields: Any) -> None:
        """Answers the last command of this type."""
        answer: Dict[str, Any] = {"status": "success", "failedTopics": [], "topicErrors": []}
        if kind == "connect":
            answer = {"status": "connected", "resumeToken": "t1"}
        correlation_id = self.commands(kind)[-1]["correlationId"]
        self.deliver({**answer, "correlationId": correlation_id, **fields})
        await settled()


async def settled() -> None:
    """Lets the tasks run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


class NotConnected(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        patched = patch("longspan.link.Connection", Bridge)
        patched.start()
        self.addCleanup(patched.stop)
        self.client = LongspanClient("http://127.0.0.1/cometd")
        self.gaps: List[Gap] = []
        self.client.on("gap", self.gaps.append)
        connecting = asyncio.create_task(self.client.connect())
        await settled()
        link = self.client._link
        assert link is not None and isinstance(link._connection, Bridge)
        self.bridge: Bridge = link._connection
        await self.bridge.answer("connect")
        await connecting

    async def asyncTearDown(self) -> None:
        await self.client.disconnect()

    async def subscribe(self) -> None:
        subscribing = asyncio.create_task(self.client.subscribe("news", lambda message: None))
        await settled()
        await self.bridge.answer("topicSubscribe")
        await subscribing

    async def refused_request(self) -> None:
        """Sends a request, which the bridge refuses."""
        request = asyncio.create_task(self.client.request("x", "y"))
        await settled()
        self.bridge.sent[-1].receipt(NOT_CONNECTED)
        with self.assertRaisesRegex(RefusedError, "notConnected"):
            await request

    async def test_sends_nothing_more_until_the_pending_connect_is_answered(self) -> None:
        await self.subscribe()
        self.bridge.seq += 1  # A message that is lost.
        self.bridge.deliver({"properties": {"topic": "news"}, "body": "b"})
        self.assertEqual(len(self.bridge.commands("connect")), 2)
        self.assertEqual(self.client.status, "connected")
        await self.refused_request()
        self.assertEqual(self.client.status, "reconnecting")
        with self.assertRaises(NotSentError):
            await self.client.request("x", "y")
        self.assertEqual(len(self.bridge.commands("connect")), 2)
        self.bridge.seq = 0
        await self.bridge.answer("connect", resumed=False, resumeToken="t2")
        self.assertEqual(self.client.status, "connected")
        await self.bridge.answer("topicSubscribe")
        self.assertEqual(self.gaps, [Gap((MissedTopic("news", None),), "sessionLost")])

    async def test_tells_what_was_missed_before_a_message_that_comes_with_the_answer(self) -> None:
        told: List[Any] = []
        self.client.on("gap", lambda gap: told.append(gap.topics[0].topic))
        subscribing = asyncio.create_task(
            self.client.subscribe("news", lambda message: told.append(message.body))
        )
        await settled()
        await self.bridge.answer("topicSubscribe")
        await subscribing
        await self.refused_request()
        self.bridge.seq = 0
        await self.bridge.answer("connect", resumed=False, resumeToken="t2")
        answer = {"status": "success", "failedTopics": [], "topicErrors": []}
        correlation_id = self.bridge.commands("topicSubscribe")[-1]["correlationId"]
        self.bridge.deliver({**answer, "correlationId": correlation_id})
        self.bridge.deliver({"properties": {"type": "topicMessage", "topic": "news"}, "body": "b"})
        await settled()
        self.assertEqual(told, ["news", "b"])

    async def test_loses_nothing_more_if_each_of_several_connects_is_refused(self) -> None:
        await self.subscribe()
        await self.refused_request()
        link = self.client._link
        assert link is not None
        link._send_connect()
        _, first, second = self.bridge.commands("connect")
        answer = {"status": "connected", "resumeToken": "t2", "resumed": False}
        self.bridge.seq = 0
        self.bridge.deliver({**answer, "correlationId": first["correlationId"]})
        await settled()
        await self.bridge.answer("topicSubscribe")
        request = asyncio.create_task(self.client.request("x", "y"))
        await settled()
        sent = self.bridge.sent[-1]
        sent.receipt(None)
        self.bridge.deliver({**answer, "correlationId": second["correlationId"]})
        properties = {"JMSCorrelationID": sent.data["properties"]["JMSCorrelationID"]}
        self.bridge.deliver({"properties": properties, "body": "answer"})
        self.assertEqual((await request).body, "answer")
        self.assertEqual(len(self.bridge.commands("topicSubscribe")), 2)
        self.assertEqual(len(self.gaps), 1)

    async def test_connects_again_if_a_message_is_refused(self) -> None:
        await self.subscribe()
        await self.refused_request()
        self.assertEqual(self.client.status, "reconnecting")
        self.assertEqual(self.bridge.sent[-1].data["resume"], {"token": "t1", "seq": 2})
        await self.bridge.answer("connect", resumed=True)
        self.assertEqual(self.client.status, "connected")
        self.assertEqual(len(self.bridge.commands("connect")), 2)
        self.assertEqual(self.gaps, [])

    async def test_connects_again_if_a_command_is_refused(self) -> None:
        subscribing = asyncio.create_task(self.client.subscribe("news", lambda message: None))
        await settled()
        refused = {"status": "failed", "errorCode": "notConnected", "temporary": False}
        await self.bridge.answer("topicSubscribe", **refused)
        with self.assertRaises(RefusedError):
            await subscribing
        self.assertEqual(self.client.status, "reconnecting")
        self.assertEqual(self.bridge.sent[-1].data["resume"], {"token": "t1", "seq": 2})
        await self.bridge.answer("connect", resumed=True)
        self.assertEqual(self.client.status, "connected")

    async def test_does_not_connect_while_the_network_is_gone_or_after_a_disconnect(self) -> None:
        request = asyncio.create_task(self.client.request("x", "y"))
        await settled()
        self.bridge.listener.interrupted()
        self.bridge.sent[-1].receipt(NOT_CONNECTED)
        with self.assertRaises(RefusedError):
            await request
        self.assertEqual(len(self.bridge.commands("connect")), 1)
        self.bridge.listener.restored()
        await self.bridge.answer("connect", resumed=True)
        late = asyncio.create_task(self.client.publish("x", "y"))
        await settled()
        receipt = self.bridge.sent[-1].receipt
        await self.client.disconnect()
        receipt(NOT_CONNECTED)
        with self.assertRaises(CancelledError):
            await late
        self.assertEqual(len(self.bridge.commands("connect")), 2)


if __name__ == "__main__":
    unittest.main()
