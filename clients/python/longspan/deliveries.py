"""Messages that must be acknowledged: of queues and of durable subscriptions (section 15)."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from .errors import LongspanError, NotSentError
from .requests import Sender

log = logging.getLogger("longspan")


class Delivery:
    """A message that the bridge wants to have acknowledged. Its first outcome counts."""

    def __init__(self, handle: str, owner: "Deliveries") -> None:
        self.handle = handle
        self._owner = owner
        self._settled: Optional["asyncio.Future[bool]"] = None

    @property
    def is_void(self) -> bool:
        """Whether it belongs to an earlier session."""
        return self._settled is None and not self._owner.has(self)

    async def settle(self, fate: Mapping[str, Any]) -> bool:
        """Returns whether the broker has taken it; false if the delivery is void."""
        if self._settled is None:
            self._settled = self._owner.settle(self, fate)
        return await asyncio.shield(self._settled)


_Waiting = Tuple[Delivery, Mapping[str, Any], "asyncio.Future[bool]"]


class Deliveries:
    """Deliveries of this session that are not acknowledged.

    Those that are settled while there is no connection wait until the session is resumed. A new
    session makes all of them void.
    """

    def __init__(self, session: Sender, idle: Callable[[], None]) -> None:
        self._session = session
        self._idle = idle
        self._open: Set[Delivery] = set()
        self._waiting: List[_Waiting] = []
        self._tasks: Set["asyncio.Task[None]"] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, handle: str) -> Delivery:
        delivery = Delivery(handle, self)
        self._open.add(delivery)
        return delivery

    def has(self, delivery: Delivery) -> bool:
        return delivery in self._open

    def settle(self, delivery: Delivery, fate: Mapping[str, Any]) -> "asyncio.Future[bool]":
        loop = asyncio.get_running_loop()
        taken: "asyncio.Future[bool]" = loop.create_future()
        if delivery not in self._open:
            taken.set_result(False)
            return taken
        self._waiting.append((delivery, fate, taken))
        if len(self._waiting) == 1:
            # What is settled in one turn is sent together.
            loop.call_soon(self.send)
        return taken

    def send(self) -> None:
        """Sends what waits; called when the session is resumed."""
        if not self._session.connected:
            return
        groups: Dict[str, List[_Waiting]] = {}
        for each in self._waiting:
            groups.setdefault(json.dumps(each[1], sort_keys=True), []).append(each)
        self._waiting = []
        for group in groups.values():
            task = asyncio.get_running_loop().create_task(self._send(group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def lost(self) -> None:
        """The session is gone: all deliveries are void."""
        self._open.clear()
        waiting, self._waiting = self._waiting, []
        for _, _, taken in waiting:
            taken.set_result(False)

    async def _send(self, group: List[_Waiting]) -> None:
        handles = [delivery.handle for delivery, _, _ in group]
        failed: Tuple[str, ...] = tuple(handles)
        try:
            answer = await self._session.control({**group[0][1], "deliveries": handles})
            failed = answer.failed_deliveries
        except NotSentError:
            if any(delivery in self._open for delivery, _, _ in group):
                self._waiting.extend(group)
                return
        except LongspanError as error:
            log.info("deliveries were not settled: %s", error)
        for delivery, _, taken in group:
            self._open.discard(delivery)
            taken.set_result(delivery.handle not in failed)
        if not self._open:
            self._idle()
