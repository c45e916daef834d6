"""What the client sends for queues and durable subscriptions is what the bridge reads."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any, Dict, List, Mapping, cast

from longspan.bayeux import Receipt
from longspan.codec import Answer, decode
from longspan.deliveries import Deliveries
from longspan.message import Message
from longspan.options import Backoff, Options
from longspan.queues import QueueMessage, Queues
from longspan.topics import TopicOptions, Topics

from .test_codec import golden


class Recorder:
    """A session whose bridge accepts everything."""

    connected = True

    def __init__(self) -> None:
        self.sent: List[Mapping[str, Any]] = []

    def next_id(self) -> str:
        return "1"

    def send(self, data: Mapping[str, Any], receipt: Receipt) -> None:
        raise AssertionError("it sends nothing into JMS")

    async def control(self, command: Mapping[str, Any]) -> Answer:
        self.sent.append(command)
        return cast(Answer, decode({"correlationId": "1", "status": "success"}))


def accepted() -> List[Dict[str, Any]]:
    """What clients send and the bridge accepts, without the correlation id."""
    return [
        {name: value for name, value in case["data"].items() if name != "correlationId"}
        for file in ("queues", "durable")
        for case in golden(file)
        if case["direction"] == "clientToBridge" and "errorCode" not in case.get("expect", {})
    ]


class Commands(unittest.IsolatedAsyncioTestCase):
    async def test_can_send_everything_that_the_bridge_reads(self) -> None:
        session = Recorder()
        deliveries = Deliveries(session, lambda: None)
        backoff = Backoff(Options("http://127.0.0.1/cometd"))
        queues = Queues(session, deliveries, backoff, lambda event: None)
        topics = Topics(
            session, deliveries, backoff, lambda event: None, lambda names: None, lambda: None
        )

        def message(handle: str) -> QueueMessage:
            return QueueMessage(cast(Message, None), deliveries.add(handle))

        printing = await queues.subscribe("jobs/print", lambda job: None, {})
        await printing.unsubscribe()
        red = {"prefetch": 10, "selector": "colour = 'red'"}
        await queues.subscribe("jobs/print", lambda job: None, red)
        taken = [
            *await asyncio.gather(
                message("dl-7f3a").acknowledge(), message("dl-7f3b").acknowledge()
            ),
            await message("dl-7f3a").release(),
            await message("dl-7f3a").release(30),
            await message("dl-7f3a").reject(),
            await message("dl-7f3a").reject("illegible"),
        ]
        self.assertEqual(taken, [True] * 6)
        durable = TopicOptions(durable="archive-1.b_C")
        archive = await topics.subscribe(["orders"], lambda message: None, durable)
        await archive.unsubscribe()
        await topics.unsubscribe(["orders"], "archive", True)
        self.assertCountEqual(session.sent, accepted())


if __name__ == "__main__":
    unittest.main()
