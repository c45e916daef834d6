"""Values that arrive by themselves, as an async iterator."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Callable, Deque, Generic, Optional, Type, TypeVar

T = TypeVar("T")


class Stream(Generic[T]):
    """An async iterator with one reader, and an async context manager that closes it.

    Leave a loop over a stream early only inside of ``async with``, or call ``aclose()``.
    """

    def __init__(self, left: Callable[[], None]) -> None:
        """``left`` is called if the reader leaves before the end."""
        self._left = left
        self._values: Deque[T] = deque()
        self._ready = asyncio.Event()
        self._ended = False
        self._error: Optional[BaseException] = None

    def push(self, value: T) -> int:
        """Returns how many values wait for the reader."""
        if not self._ended:
            self._values.append(value)
            self._ready.set()
        return len(self._values)

    def drop_oldest(self) -> T:
        return self._values.popleft()

    def end(self) -> None:
        self._ended = True
        self._ready.set()

    def fail(self, error: BaseException) -> None:
        """Ends the stream with an error, after the values that wait."""
        if not self._ended:
            self._error = error
            self.end()

    def __aiter__(self) -> "Stream[T]":
        return self

    async def __anext__(self) -> T:
        while not self._values:
            if self._ended:
                error, self._error = self._error, None
                if error is not None:
                    raise error
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        return self._values.popleft()

    async def aclose(self) -> None:
        """Ends the stream from the reader's side. Idempotent."""
        was_open = not self._ended
        self._values.clear()
        self._error = None
        self.end()
        if was_open:
            self._left()

    async def __aenter__(self) -> "Stream[T]":
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.aclose()
