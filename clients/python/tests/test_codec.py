"""The same golden messages as the bridge and the JavaScript client."""

from __future__ import annotations

import base64
import json
import re
import unittest
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, Tuple, cast

from longspan.codec import (
    Answer,
    BridgeStatus,
    Gap,
    Outcome,
    QueuesRevoked,
    TopicsRevoked,
    Unknown,
    check_size,
    decode,
    decode_bayeux_error,
    encode_send,
)
from longspan.deliveries import Delivery
from longspan.errors import RefusedError
from longspan.message import Message
from longspan.queues import QueueMessage

GOLDEN = Path(__file__).parents[3] / "src/test/resources/protocol"

KINDS: Dict[str, Tuple[type, ...]] = {
    "answer": (Answer,),
    "outcome": (Outcome,),
    "message": (Message,),
    "notice": (TopicsRevoked, QueuesRevoked, BridgeStatus, Gap),
}


def golden(file: str) -> List[Dict[str, Any]]:
    cases: List[Dict[str, Any]] = json.loads((GOLDEN / f"{file}.json").read_text("utf-8"))
    return cases


def plain(value: Any) -> Any:
    """Returns what JSON would give."""
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


class GoldenMessages(unittest.TestCase):
    def test_what_the_bridge_sends(self) -> None:
        cases = [
            case
            for file in ("control-answers", "notices", "deliveries", "queues", "durable")
            for case in golden(file)
            if case["direction"] == "bridgeToClient"
        ]
        self.assertGreater(len(cases), 50)
        for case in cases:
            with self.subTest(case["name"]):
                incoming = decode(case["data"])
                expected = dict(case["expect"])
                self.assertIsInstance(incoming, KINDS[expected.pop("kind")])
                for name, value in expected.items():
                    if name == "type":
                        continue
                    if isinstance(incoming, Message) and name == "deliveryCount":
                        queued = QueueMessage(incoming, cast(Delivery, None))
                        self.assertEqual(queued.delivery_count, value)
                        continue
                    snake = re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name)
                    info = getattr(incoming, "info", incoming)
                    source = incoming if hasattr(incoming, snake) else info
                    self.assertEqual(plain(getattr(source, snake)), value, name)

    def test_what_this_client_can_send(self) -> None:
        for case in golden("sends"):
            data = case["data"]
            if "errorCode" in case["expect"] or data.get("bodyFormat") in ("text", "json"):
                continue
            with self.subTest(case["name"]):
                target = {k: data[k] for k in ("destination", "replyTo") if k in data}
                body = data.get("body")
                if data.get("bodyFormat") == "base64":
                    body = base64.b64decode(body)
                sent = encode_send(target, body, properties=data.get("properties"))
                self.assertEqual(sent, {"properties": {}, "body": None, **data})


class Codec(unittest.TestCase):
    def test_other_data_is_unknown(self) -> None:
        others: List[Any] = [None, 1, "text", [], {}, {"type": "new"}, {"status": 1}]
        for data in others:
            self.assertEqual(decode(data), Unknown(data))

    def test_splits_errors(self) -> None:
        self.assertEqual(decode_bayeux_error("403::denied"), ("403", "denied"))
        self.assertEqual(decode_bayeux_error("badRequest:a:b"), ("badRequest", "a:b"))
        self.assertEqual(decode_bayeux_error(None), ("", "no reason given"))

    def test_counts_bytes_as_the_bridge_does(self) -> None:
        euros = encode_send({"destination": "d"}, "€" * 100)
        check_size(euros, {"messageBytes": 300})
        with self.assertRaisesRegex(RefusedError, "300 bytes"):
            check_size(euros, {"messageBytes": 299})
        blob = encode_send({"destination": "d"}, bytes(200), correlation_id="x")
        check_size(blob, {"messageBytes": 200})


if __name__ == "__main__":
    unittest.main()
