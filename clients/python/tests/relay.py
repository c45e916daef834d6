"""A TCP relay between a client and a bridge that a test can cut."""

from __future__ import annotations

import asyncio
import asyncio.base_events
from typing import Optional, Set
from urllib.parse import urlsplit


class Relay:
    """Listens on a free port of 127.0.0.1 and forwards to ``target``, a URL."""

    def __init__(self, target: str) -> None:
        self.target = target
        #: Whether new connections are reset.
        self.blocked = False
        #: Whether connections that ask for a WebSocket are reset.
        self.blocks_web_sockets = False
        self._server: Optional[asyncio.base_events.Server] = None
        self._writers: Set[asyncio.StreamWriter] = set()
        self._tasks: Set["asyncio.Task[None]"] = set()

    async def start(self) -> "Relay":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}{urlsplit(self.target).path}"

    def cut(self) -> None:
        """Resets all open connections."""
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.blocked:
            writer.transport.abort()
            return
        head = await reader.read(65536)
        if self.blocks_web_sockets and b"upgrade: websocket" in head.lower():
            writer.transport.abort()
            return
        parts = urlsplit(self.target)
        far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port)
        self._writers |= {writer, far_writer}
        far_writer.write(head)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.get_running_loop().create_task(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()
            self._writers.discard(sink)
