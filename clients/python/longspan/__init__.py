"""A client of the Longspan bridge for asyncio."""

from .client import LongspanClient, StatusEvent
from .codec import BridgeStatus, ConnectInfo, Gap, MissedTopic, QueuesRevoked, TopicsRevoked
from .errors import (
    AuthenticationError,
    CancelledError,
    ConnectionLostError,
    LongspanError,
    NotSentError,
    RefusedError,
    TimedOutError,
    TopicFailure,
    TopicSubscribeError,
)
from .message import Message, PropertyValue
from .options import Options
from .queues import QueueMessage, QueueSubscription
from .streams import Stream
from .topics import TopicStream, TopicSubscription

__all__ = [
    "AuthenticationError",
    "BridgeStatus",
    "CancelledError",
    "ConnectInfo",
    "ConnectionLostError",
    "Gap",
    "LongspanClient",
    "LongspanError",
    "Message",
    "MissedTopic",
    "NotSentError",
    "Options",
    "PropertyValue",
    "QueueMessage",
    "QueueSubscription",
    "QueuesRevoked",
    "RefusedError",
    "StatusEvent",
    "Stream",
    "TimedOutError",
    "TopicFailure",
    "TopicStream",
    "TopicSubscribeError",
    "TopicSubscription",
    "TopicsRevoked",
]
