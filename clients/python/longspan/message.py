"""A JMS message as the bridge delivered it (protocol section 4)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Union

PropertyValue = Union[str, int, float, bool]


@dataclass(frozen=True)
class Message:
    """A JMS message."""

    #: Text, base64 text, or what JSON gives for maps and streams; ``None`` without a body.
    body: Any
    #: ``text``, ``json``, ``base64``, ``map``, ``stream``, ``none`` or ``unsupported``.
    body_format: str
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    #: Single-use handle for ``client.reply()``; set if the sender expects an answer.
    reply_to: Optional[str] = None
    #: The number of the message on the user channel.
    seq: Optional[int] = None
    #: Handle by which the message is acknowledged; of a queue or a durable subscription.
    delivery: Optional[str] = None

    @property
    def correlation_id(self) -> Optional[str]:
        return self._text("JMSCorrelationID")

    @property
    def message_id(self) -> Optional[str]:
        return self._text("JMSMessageID")

    @property
    def topic(self) -> Optional[str]:
        """The topic of the message; ``None`` if it was sent to this client alone."""
        from_topic = self.snapshot or self.properties.get("type") == "topicMessage"
        return self._text("topic") if from_topic else None

    @property
    def snapshot(self) -> bool:
        """Whether this is a part of the state of a topic, from before its messages."""
        return self.properties.get("type") == "snapshot"

    @property
    def queue(self) -> Optional[str]:
        """The queue of the message, if this client consumes it."""
        return self._text("queue") if self.properties.get("type") == "queueMessage" else None

    @property
    def subscription(self) -> Optional[str]:
        """The topic or wildcard pattern that this client has subscribed to."""
        return None if self.topic is None else self._text("subscription") or self.topic

    @property
    def sequence(self) -> Optional[int]:
        """The number of this part (1, 2, …) if the answer has several."""
        value = self.properties.get("sequence")
        try:
            number = float(value) if value is not None and value != "" else None
        except ValueError:
            return None
        return int(number) if number is not None and number.is_integer() else None

    @property
    def last(self) -> bool:
        """Whether this is the last part. An answer without ``sequence`` is complete."""
        done = self.properties.get("done")
        if done is not None:
            return done is True or done == "true"
        return self.sequence is None

    def text(self) -> str:
        """Returns the body of a text message. Raises ``TypeError`` for other kinds."""
        if isinstance(self.body, str) and self.body_format != "base64":
            return self.body
        raise TypeError(f"The body is {self.body_format}, not text")

    def json(self) -> Any:
        """Returns the body as data: a text is parsed. Raises ``ValueError`` if it is not JSON."""
        return json.loads(self.text()) if self.body_format in ("text", "json") else self.body

    def bytes(self) -> bytes:
        """Returns the body of a bytes message. Raises ``TypeError`` for other kinds."""
        if isinstance(self.body, str) and self.body_format == "base64":
            return base64.b64decode(self.body)
        raise TypeError(f"The body is {self.body_format}, not bytes")

    def _text(self, name: str) -> Optional[str]:
        value = self.properties.get(name)
        return None if value is None else str(value)
