"""Decodes what the bridge sends on the user channel, and encodes what it receives."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple, Union

from .errors import RefusedError
from .message import Message, PropertyValue


@dataclass(frozen=True)
class ConnectInfo:
    """The bridge's answer to ``connect`` (protocol section 2)."""

    user_roles: Tuple[str, ...]
    is_sysadmin: bool
    user_uri: Optional[str]
    bridge_id: Optional[str]
    #: Limits of the bridge for this client; see docs/protocol.md.
    limits: Mapping[str, float]
    resume_token: Optional[str]
    resumed: Optional[bool]


@dataclass(frozen=True)
class Answer:
    """The answer to a control message."""

    correlation_id: str
    ok: bool
    error_code: str = ""
    error_message: str = ""
    temporary: bool = False
    failed_topics: Tuple[str, ...] = ()
    topic_errors: Tuple[str, ...] = ()
    topic_temporary: Tuple[Any, ...] = ()
    failed_deliveries: Tuple[str, ...] = ()
    info: ConnectInfo = field(
        default_factory=lambda: ConnectInfo((), False, None, None, {}, None, None)
    )


@dataclass(frozen=True)
class Outcome:
    """The outcome of a message to ``/anzo/bridge``."""

    ok: bool
    correlation_id: Optional[str]
    error_code: str = ""
    error_message: str = ""
    temporary: bool = False


@dataclass(frozen=True)
class TopicsRevoked:
    """The bridge has ended subscriptions to these topics."""

    topics: Tuple[str, ...]
    #: ``accessRevoked``, ``takenOver``, or the error of a failed subscription in a new session.
    reason: str


@dataclass(frozen=True)
class QueuesRevoked:
    """The bridge has ended the consumption of these queues."""

    queues: Tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class BridgeStatus:
    """The bridge lost a broker (``suspended``), has it back (``resumed``), or is ``draining``."""

    status: str
    #: The name of the broker; ``None`` for the default one.
    broker: Optional[str] = None


@dataclass(frozen=True)
class MissedTopic:
    """A topic of a gap."""

    topic: str
    #: The number of missed messages; ``None`` if unknown.
    lost: Optional[int]


@dataclass(frozen=True)
class Gap:
    """Messages of these topics were, or may have been, missed."""

    topics: Tuple[MissedTopic, ...]
    #: The bridge's reason, or ``sessionLost`` or ``slowConsumer`` from this client.
    reason: str


@dataclass(frozen=True)
class Unknown:
    """Data that this version does not understand."""

    data: Any


Incoming = Union[
    Answer, Outcome, Message, TopicsRevoked, QueuesRevoked, BridgeStatus, Gap, Unknown
]


def decode(data: Any) -> Incoming:
    """Decodes the ``data`` of a message on the user channel. Never raises."""
    if not isinstance(data, dict):
        return Unknown(data)
    if isinstance(data.get("type"), str):
        return _notice(data)
    if isinstance(data.get("status"), str):
        correlation_id = _text(data.get("correlationId"))
        if correlation_id is not None:
            return _answer(correlation_id, data)
        if "body" not in data:
            properties = data.get("properties")
            named = properties if isinstance(properties, dict) else {}
            ok = data["status"] == "success"
            return Outcome(ok, _text(named.get("JMSCorrelationID")), *_failure(data))
    properties = data.get("properties")
    return _message(data, properties) if isinstance(properties, dict) else Unknown(data)


def _notice(data: Mapping[str, Any]) -> Incoming:
    reason = _text(data.get("reason")) or ""
    kind = data["type"]
    if kind == "topicUnsubscribed":
        return TopicsRevoked(_texts(data.get("topics")), reason)
    if kind == "queueUnsubscribed":
        return QueuesRevoked(_texts(data.get("queues")), reason)
    if kind == "bridgeStatus" and data.get("status") in ("suspended", "resumed", "draining"):
        return BridgeStatus(data["status"], _text(data.get("broker")))
    if kind == "gap":
        listed = data.get("topics")
        each = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
        topics = (MissedTopic(str(e.get("topic")), _count(e.get("lost"))) for e in each)
        return Gap(tuple(topics), reason)
    return Unknown(data)


def _answer(correlation_id: str, data: Mapping[str, Any]) -> Answer:
    failed = data["status"] == "failed"
    # Without errorCode, these mean that other topics or deliveries succeeded: not an error.
    partly = any(isinstance(data.get(n), list) for n in ("failedTopics", "failedDeliveries"))
    if failed and (data.get("errorCode") or not partly):
        return Answer(correlation_id, False, *_failure(data))
    temporary = data.get("topicTemporary")
    limits = data.get("limits")
    resumed = data.get("resumed")
    return Answer(
        correlation_id,
        True,
        failed_topics=_texts(data.get("failedTopics")),
        topic_errors=_texts(data.get("topicErrors")),
        topic_temporary=tuple(temporary) if isinstance(temporary, list) else (),
        failed_deliveries=_texts(data.get("failedDeliveries")),
        info=ConnectInfo(
            user_roles=tuple(r for r in (_text(data.get("userRoles")) or "").split("\n") if r),
            is_sysadmin=data.get("isSysadmin") is True,
            user_uri=_text(data.get("userUri")),
            bridge_id=_text(data.get("bridgeId")),
            limits={k: v for k, v in limits.items() if _is_number(v)}
            if isinstance(limits, dict)
            else {},
            resume_token=_text(data.get("resumeToken")),
            resumed=resumed if isinstance(resumed, bool) else None,
        ),
    )


def _failure(data: Mapping[str, Any]) -> Tuple[str, str, bool]:
    code, message = _text(data.get("errorCode")), _text(data.get("errorMessage"))
    return code or "", message or "", data.get("temporary") is True


def _message(data: Mapping[str, Any], properties: Mapping[str, Any]) -> Message:
    body = data.get("body")
    delivered = data.get("bodyFormat")
    if delivered not in ("base64", "map", "stream", "unsupported"):
        said = properties.get("bodyFormat")
        delivered = "none" if body is None else "json" if said == "json" else "text"
    seq = data.get("seq")
    return Message(
        body=body,
        body_format=delivered,
        properties={k: v for k, v in properties.items() if isinstance(v, (str, int, float))},
        reply_to=_text(data.get("replyTo")),
        seq=seq if isinstance(seq, int) else None,
        delivery=_text(data.get("delivery")),
    )


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> Tuple[str, ...]:
    return tuple(e for e in value if isinstance(e, str)) if isinstance(value, list) else ()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value: Any) -> Optional[int]:
    return int(value) if _is_number(value) else None


def decode_bayeux_error(error: Any) -> Tuple[str, str]:
    """Splits the ``error`` of a Bayeux reply: ``<code>:text`` or ``<number>:args:text``."""
    code, _, text = (error if isinstance(error, str) else "").partition(":")
    text = text[1:] if text.startswith(":") else text
    return code, text or code or "no reason given"


def encode_send(
    target: Mapping[str, str],
    body: Any,
    *,
    properties: Optional[Mapping[str, PropertyValue]] = None,
    correlation_id: Optional[str] = None,
    priority: Optional[int] = None,
    type: Optional[str] = None,
    persistent: bool = False,
    time_to_live: Optional[int] = None,
) -> Mapping[str, Any]:
    """Returns the ``data`` of a message to ``/anzo/bridge``. ``time_to_live`` is in ms."""
    named = dict(properties or {})
    headers = {
        "JMSCorrelationID": correlation_id,
        "JMSPriority": priority,
        "JMSType": type,
        "JMSDeliveryMode": "PERSISTENT" if persistent else None,
        "timeToLive": time_to_live,
    }
    named.update({name: value for name, value in headers.items() if value is not None})
    if isinstance(body, (bytes, bytearray, memoryview)):
        text = base64.b64encode(body).decode("ascii")
        return {**target, "properties": named, "body": text, "bodyFormat": "base64"}
    return {**target, "properties": named, "body": body}


_HEADERS = ("JMSCorrelationID", "JMSType", "JMSPriority", "JMSDeliveryMode", "timeToLive")


def check_size(data: Mapping[str, Any], limits: Mapping[str, float]) -> None:
    """Raises ``RefusedError`` for what is too large: the bridge would close the WebSocket.

    Raises ``TypeError`` or ``ValueError`` for what has no form in JSON.
    """
    whole = to_json(data)
    limit = limits.get("messageBytes")
    if limit is None:
        return
    body = data["body"]
    text = body if isinstance(body, str) else to_json(body)
    size = len(base64.b64decode(text)) if "bodyFormat" in data else len(text.encode())
    for name, value in data["properties"].items():
        if name not in _HEADERS:
            size += len(name) + len(str(value))
    # In transit, as JSON and base64, a message may be twice as large.
    size = max(size, len(whole.encode()) - int(limit))
    if size > limit:
        message = f"The message has {size} bytes, the bridge takes {int(limit)}"
        raise RefusedError("limitExceeded", message)


def to_json(value: Any) -> str:
    """Returns compact JSON. Raises ``ValueError`` for NaN, which JSON does not have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
