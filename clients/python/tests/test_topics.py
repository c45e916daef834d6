"""What becomes of subscriptions when the session is lost."""

from __future__ import annotations

import unittest
from typing import Any, Dict, List, Mapping, Sequence, cast

from longspan.bayeux import Receipt
from longspan.codec import Answer, TopicsRevoked, decode
from longspan.deliveries import Deliveries
from longspan.options import Backoff, Options
from longspan.topics import TopicOptions, Topics

from .test_bridge import eventually


class Bridge:
    """A session whose bridge refuses some topics."""

    connected = True

    def __init__(self) -> None:
        self.asked: List[Sequence[str]] = []
        #: Whether the refusal is temporary, by topic.
        self.refused: Dict[str, bool] = {}

    def next_id(self) -> str:
        return "1"

    def send(self, data: Mapping[str, Any], receipt: Receipt) -> None:
        raise AssertionError("it sends nothing into JMS")

    async def control(self, command: Mapping[str, Any]) -> Answer:
        self.asked.append(command["topics"])
        failed = [topic for topic in command["topics"] if topic in self.refused]
        answer = {
            "correlationId": "1",
            "status": "failed" if failed else "success",
            "failedTopics": failed,
            "topicErrors": ["refused" for _ in failed],
            "topicTemporary": [self.refused[topic] for topic in failed],
        }
        return cast(Answer, decode(answer))


class LostSessions(unittest.IsolatedAsyncioTestCase):
    async def test_topics_that_fail_for_now_are_asked_for_again(self) -> None:
        bridge = Bridge()
        revoked: List[TopicsRevoked] = []
        missed: List[str] = []
        options = Options("http://127.0.0.1/cometd", reconnect_initial=0.01)
        topics = Topics(
            bridge,
            Deliveries(bridge, lambda: None),
            Backoff(options),
            revoked.append,
            missed.extend,
            lambda: None,
        )
        await topics.subscribe(["news", "secret", "full"], lambda message: None, TopicOptions())
        self.assertEqual(missed, [])
        bridge.refused = {"secret": False, "full": True}
        topics.reset()
        topics.recreate()
        await eventually(lambda: len(bridge.asked) >= 3, "asked again")
        self.assertEqual(bridge.asked[2], ["full"])
        self.assertEqual(revoked, [TopicsRevoked(("secret",), "refused")])
        self.assertEqual(missed, ["news"])
        bridge.refused = {}
        await eventually(lambda: missed == ["news", "full"], "subscribed, and what it missed told")
        self.assertEqual(sorted(topics.names), ["full", "news"])


if __name__ == "__main__":
    unittest.main()
