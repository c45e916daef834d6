"""The client against real bridges; PythonClientIT of the project starts them."""

from __future__ import annotations

import asyncio
import os
import time
import unittest
import uuid
from typing import Any, Callable, List, Tuple

import longspan
from longspan import LongspanClient, Message, QueueMessage

from .relay import Relay

URL = os.environ.get("LONGSPAN_URL", "")
LEAVING = os.environ.get("LONGSPAN_LEAVING", "")
OTHER = os.environ.get("LONGSPAN_OTHER", "")


def unique(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:12]


async def eventually(condition: Callable[[], bool], what: str = "") -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never: {what}")
        await asyncio.sleep(0.01)


class BridgeTests:
    """What holds over each transport."""

    class Tests(unittest.IsolatedAsyncioTestCase):
        transport = ""

        async def asyncSetUp(self) -> None:
            self.relay = await Relay(URL).start()
            self.clients: List[LongspanClient] = []

        async def asyncTearDown(self) -> None:
            for client in self.clients:
                await client.disconnect()
            await self.relay.close()

        def client(self, user: str = "alice", **options: Any) -> LongspanClient:
            given = {"user": user, "password": user, **options}
            if "token" in options:
                del given["user"], given["password"]
            url = given.pop("url", self.relay.url)
            client = LongspanClient(url, transports=(self.transport,), **given)
            self.clients.append(client)
            return client

        async def connected(self, user: str = "alice", **options: Any) -> LongspanClient:
            client = self.client(user, **options)
            await client.connect()
            return client

        async def order(self, text: str) -> str:
            """Gives an order to the stage, over a link of its own."""
            async with LongspanClient(URL, user="bob", password="bob") as director:
                return (await director.request("services/stage", text)).text()

        async def test_connects_and_asks(self) -> None:
            client = await self.connected()
            assert client.info is not None
            self.assertIn("trader", client.info.user_roles)
            self.assertEqual(client.transport, self.transport)
            answer = await client.request("services/echo", "héllo €")
            self.assertEqual(answer.text(), "héllo €")
            answer = await client.request("services/echo", {"a": [1, 2]}, priority=7)
            self.assertEqual(answer.json(), {"a": [1, 2]})
            answers = await asyncio.gather(
                *(client.request("services/echo", str(i)) for i in range(50))
            )
            self.assertEqual([each.text() for each in answers], [str(i) for i in range(50)])

        async def test_wrong_credentials_end_at_once(self) -> None:
            client = self.client(password="wrong")
            events: List[longspan.StatusEvent] = []
            client.on("status", events.append)
            with self.assertRaises(longspan.AuthenticationError):
                await client.connect()
            self.assertIsInstance(events[-1].error, longspan.AuthenticationError)
            self.assertEqual(client.status, "disconnected")

        async def test_a_token_signs_in(self) -> None:
            token = await self.order("token alice")
            calls: List[int] = []

            async def source() -> str:
                calls.append(1)
                return token

            client = await self.connected(token=source)
            self.assertEqual((await client.request("services/echo", "t")).text(), "t")
            self.assertEqual(len(calls), 1)
            with self.assertRaises(longspan.AuthenticationError):
                await self.client(token="no.such.token").connect()

        async def test_a_request_is_refused_times_out_or_is_cancelled(self) -> None:
            client = await self.connected()
            with self.assertRaises(longspan.RefusedError) as refused:
                await client.request("secret/x", "no")
            self.assertEqual(refused.exception.bridge_code, "notAuthorized")
            before = int(await self.order("cancels"))
            with self.assertRaises(longspan.TimedOutError):
                await client.request("services/silent", "x", timeout=0.2)
            task = asyncio.ensure_future(client.request("services/silent", "x"))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            deadline = time.monotonic() + 30
            while int(await self.order("cancels")) < before + 2:
                self.assertLess(time.monotonic(), deadline)

        async def test_disconnect_ends_open_calls(self) -> None:
            client = await self.connected()
            task = asyncio.ensure_future(client.request("services/silent", "x"))
            await asyncio.sleep(0)
            await client.disconnect()
            with self.assertRaises(longspan.CancelledError):
                await task
            with self.assertRaises(longspan.NotSentError):
                await client.request("services/echo", "x")
            await client.connect()
            self.assertEqual((await client.request("services/echo", "again")).text(), "again")

        async def test_parts_arrive_in_order(self) -> None:
            client = await self.connected()
            parts = [part.text() async for part in client.request_stream("services/parts", "5")]
            self.assertEqual(parts, [f"part {i}" for i in range(1, 6)])
            async with client.request_stream("services/silent", "x") as stream:
                self.assertIsNotNone(stream)
            with self.assertRaises(longspan.TimedOutError):
                async for _ in client.request_stream("services/silent", "x", timeout=0.1):
                    pass

        async def test_topics(self) -> None:
            client = await self.connected()
            room = unique("chat/")
            got: List[Message] = []
            subscription = await client.subscribe([room, "prices/closed/X"], got.append)
            self.assertEqual([each.topic for each in subscription.failed], ["prices/closed/X"])
            self.assertEqual(list(subscription.topics), [room])
            async with await client.messages(room) as stream:
                await client.publish(room, "one", properties={"n": 1})
                message = await stream.__anext__()
                self.assertEqual((message.text(), message.properties["n"]), ("one", 1))
            await eventually(lambda: len(got) == 1)
            await subscription.unsubscribe()
            with self.assertRaises(longspan.TopicSubscribeError):
                await client.subscribe("prices/closed/X", got.append)

        async def test_a_slow_reader_misses_the_oldest_with_a_gap(self) -> None:
            client = await self.connected()
            room = unique("chat/")
            gaps: List[longspan.Gap] = []
            client.on("gap", gaps.append)
            stream = await client.messages(room, limit=2)
            seen: List[Message] = []
            await client.subscribe(room, seen.append)
            for i in range(3):
                await client.publish(room, str(i))
            await eventually(lambda: len(seen) == 3)
            self.assertEqual(gaps, [longspan.Gap((longspan.MissedTopic(room, 1),), "slowConsumer")])
            self.assertEqual([(await stream.__anext__()).text() for _ in range(2)], ["1", "2"])

        async def test_unsolicited_messages(self) -> None:
            client = await self.connected()
            got: List[Message] = []
            client.on_message(got.append)
            await self.order("push alice hi")
            await eventually(lambda: [each.body for each in got] == ["hi"])

        async def test_a_lost_link_loses_nothing(self) -> None:
            client = await self.connected()
            room = unique("chat/")
            gaps: List[Any] = []
            states: List[str] = []
            client.on("gap", gaps.append)
            client.on("status", lambda event: states.append(event.status))
            got: List[str] = []
            await client.subscribe(room, lambda message: got.append(message.text()))
            outcomes: List[Tuple["asyncio.Future[Message]", str]] = []
            for cut in range(3):
                open_request = asyncio.ensure_future(
                    client.request("services/echo", f"e{cut}", timeout=2)
                )
                await asyncio.sleep(0)
                self.relay.blocked = True
                self.relay.cut()
                await self.order(f"publish {room} {cut * 100} {cut * 100 + 99}")
                await eventually(lambda: client.status == "reconnecting", "reconnecting")
                self.relay.blocked = False
                client.reconnect()
                await eventually(lambda: client.status == "connected", "connected")
                outcomes.append((open_request, f"e{cut}"))
                expected = [f"m{i}" for i in range((cut + 1) * 100)]
                await eventually(lambda: len(got) >= len(expected), "messages")
                self.assertEqual(got, expected)
            self.assertEqual(gaps, [])
            self.assertEqual(states, ["reconnecting", "connected"] * 3)
            for outcome, expected_text in outcomes:
                # The answer, or that it was not sent, or that nobody knows.
                try:
                    self.assertEqual((await outcome).text(), expected_text)
                except (longspan.NotSentError, longspan.ConnectionLostError):
                    pass

        async def test_another_bridge_continues_a_topic_or_tells_a_gap(self) -> None:
            client = await self.connected()
            kept, chat = unique("kept/"), unique("chat/")
            # Keeps the topic at the other bridge, which so can recover it.
            keeper = await self.connected("bob", url=OTHER)
            await keeper.subscribe(kept, lambda message: None)
            gaps: List[longspan.Gap] = []
            client.on("gap", gaps.append)
            got: List[str] = []
            await client.subscribe([kept, chat], lambda message: got.append(message.text()))
            await self.order(f"publish {kept} 1 3")
            await eventually(lambda: len(got) == 3)
            lost = asyncio.ensure_future(client.request("services/silent", "x"))
            await asyncio.sleep(0.1)
            self.relay.target = OTHER
            self.relay.blocked = True
            self.relay.cut()
            await eventually(lambda: client.status == "reconnecting")
            await self.order(f"publish {kept} 4 6")
            self.relay.blocked = False
            client.reconnect()
            with self.assertRaises(longspan.ConnectionLostError):
                await lost
            await eventually(lambda: len(got) == 6, "recovered messages")
            self.assertEqual(got, [f"m{i}" for i in range(1, 7)])
            # It comes with the answer to the subscription, as the messages do.
            await eventually(lambda: len(gaps) > 0, "a gap")
            self.assertEqual(
                gaps, [longspan.Gap((longspan.MissedTopic(chat, None),), "sessionLost")]
            )
            await self.order(f"publish {chat} 7 7")
            await eventually(lambda: got[-1] == "m7", "a new message")

        async def test_an_operator_ends_the_session(self) -> None:
            client = await self.connected("a", password="odd")
            lost = asyncio.ensure_future(client.request("services/silent", "x"))
            await asyncio.sleep(0)
            await self.order("disconnect a")
            with self.assertRaises(longspan.ConnectionLostError):
                await lost

        async def test_queues(self) -> None:
            client = await self.connected()
            queue = unique("work/")
            done: List[Tuple[Any, int]] = []

            async def handle(message: QueueMessage) -> None:
                if message.message.body == "1" and message.delivery_count == 1:
                    raise RuntimeError("released by the test")
                done.append((message.message.body, message.delivery_count))

            for i in range(3):
                await client.publish(queue, str(i))
            consumption = await client.consume(queue, handle, prefetch=2)
            await eventually(lambda: len(done) == 3, "three messages")
            self.assertEqual(sorted(done), [("0", 1), ("1", 2), ("2", 1)])
            await consumption.unsubscribe()

        async def test_decides_about_each_message_of_a_queue(self) -> None:
            client = await self.connected()
            queue = unique("work/")
            outcomes: List[Tuple[str, bool]] = []

            async def handle(message: QueueMessage) -> None:
                body = message.message.text()
                if body == "broken":
                    taken = await message.reject("no")
                elif body == "later" and message.delivery_count == 1:
                    taken = await message.release(0.2)
                else:
                    taken = await message.acknowledge()
                outcomes.append((body, taken))

            for body in ("broken", "later"):
                await client.publish(queue, body)
            await client.consume(queue, handle)
            await eventually(lambda: len(outcomes) == 3, "three outcomes")
            self.assertEqual(outcomes, [("broken", True), ("later", True), ("later", True)])
            with self.assertRaises(longspan.RefusedError):
                await client.consume("services/echo", handle)
            with self.assertRaises(ValueError):
                await client.consume(queue, handle)

        async def test_a_lost_link_keeps_the_message_that_is_processed(self) -> None:
            client = await self.connected()
            queue = unique("work/")
            handled: List[Any] = []
            release = asyncio.Event()

            async def handle(message: QueueMessage) -> None:
                handled.append(message.message.text())
                await release.wait()
                handled.append(await message.acknowledge())

            await client.publish(queue, "a")
            await client.consume(queue, handle)
            await eventually(lambda: handled == ["a"], "the message")
            self.relay.blocked = True
            self.relay.cut()
            await eventually(lambda: client.status == "reconnecting")
            release.set()
            self.relay.blocked = False
            client.reconnect()
            await eventually(lambda: handled == ["a", True], "the acknowledgement")
            await client.publish(queue, "b")
            await eventually(lambda: handled == ["a", True, "b", True], "the next message")

        async def test_a_durable_subscription_goes_on_where_it_was(self) -> None:
            client = await self.connected()
            topic = unique("durable/")
            jms = topic.replace("/", ".")
            got: List[str] = []

            async def handle(message: Message) -> None:
                got.append(message.text())
                if len(got) == 1:
                    raise RuntimeError("released by the test")

            await client.subscribe(topic, handle, durable="archive")
            await self.order(f"publish {jms} 1 2")
            await eventually(lambda: got == ["m1", "m1", "m2"], "a message again")
            await client.disconnect()
            await self.order(f"publish {jms} 3 4")
            await client.connect()
            await client.subscribe(topic, handle, durable="archive")
            await eventually(lambda: got[3:] == ["m3", "m4"], "what was published meanwhile")

            revoked: List[Any] = []
            client.on("revoked", revoked.append)
            newer = await self.connected()
            second: List[str] = []
            await newer.subscribe(topic, lambda m: second.append(m.text()), durable="archive")
            await eventually(lambda: len(revoked) == 1, "that it was taken over")
            self.assertEqual(revoked, [longspan.TopicsRevoked((topic,), "takenOver")])
            await newer.unsubscribe(topic, forget=True)
            await self.order(f"publish {jms} 5 5")
            # An order is obeyed after its answer, and before the next order.
            await self.order("cancels")
            await client.subscribe(topic, handle, durable="archive")
            await self.order(f"publish {jms} 6 6")
            await eventually(lambda: got[5:] == ["m6"], "only what came after it was forgotten")
            self.assertEqual(second, [])
            await client.unsubscribe(topic, forget=True)
            with self.assertRaises(longspan.TopicSubscribeError):
                await client.unsubscribe("secret/x", durable="archive", forget=True)

        async def test_unreachable(self) -> None:
            self.relay.blocked = True
            with self.assertRaisesRegex(longspan.ConnectionLostError, "No connection in 0.3 s"):
                await self.client(connect_timeout=0.3).connect()


class WebSocketTests(BridgeTests.Tests):
    transport = "websocket"


class LongPollingTests(BridgeTests.Tests):
    transport = "long-polling"


class MoveTests(unittest.IsolatedAsyncioTestCase):
    async def test_leaves_a_draining_bridge_without_a_loss(self) -> None:
        relay = await Relay(LEAVING).start()
        client = LongspanClient(relay.url, user="alice", password="alice")
        await client.connect()
        assert client.info is not None
        self.assertEqual(client.info.bridge_id, "bridge-2")
        room = unique("kept/")
        got: List[str] = []
        events: List[Any] = []
        client.on("status", events.append)
        client.on("gap", events.append)
        keeper = LongspanClient(OTHER, user="bob", password="bob")
        await keeper.connect()
        await keeper.subscribe(room, lambda message: None)
        await client.subscribe(room, lambda message: got.append(message.text()))
        await keeper.request("services/stage", f"publish {room} 1 1")
        await eventually(lambda: len(got) == 1)
        relay.target = OTHER
        await keeper.request("services/stage", "drain bridge-2")
        await eventually(
            lambda: client.info is not None and client.info.bridge_id == "bridge-3", "moved"
        )
        await keeper.request("services/stage", f"publish {room} 2 9")
        await eventually(lambda: len(got) == 9, "all messages")
        self.assertEqual(got, [f"m{i}" for i in range(1, 10)])
        self.assertEqual(events, [])
        await client.disconnect()
        await keeper.disconnect()
        await relay.close()


class FallbackTests(unittest.IsolatedAsyncioTestCase):
    async def test_uses_long_polling_where_web_sockets_are_blocked(self) -> None:
        relay = await Relay(URL).start()
        relay.blocks_web_sockets = True
        async with LongspanClient(relay.url, user="alice", password="alice") as client:
            self.assertEqual(client.transport, "long-polling")
            self.assertEqual((await client.request("services/echo", "x")).text(), "x")
        await relay.close()

    async def test_continues_the_session_when_web_sockets_are_blocked_later(self) -> None:
        relay = await Relay(URL).start()
        options = {"reconnect_initial": 0.01, "reconnect_max": 0.05}
        async with LongspanClient(relay.url, user="alice", password="alice", **options) as client:
            self.assertEqual(client.transport, "websocket")
            token = client.info and client.info.resume_token
            relay.blocks_web_sockets = True
            relay.cut()
            await eventually(lambda: client.status == "reconnecting")
            await eventually(lambda: client.connected)
            self.assertEqual(client.transport, "long-polling")
            self.assertEqual(client.info and client.info.resume_token, token)
        await relay.close()


if __name__ == "__main__":
    unittest.main()
