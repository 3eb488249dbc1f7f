"""A link to a server that can be cut: all its connections break off, and nobody gets through for a while."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE_BYTES = 16 * 1024


class CutLink:
    """What passes connections on to a port of this machine, in a thread of its own; `bytes_s` each."""

    def __init__(self, port: int, bytes_s: float) -> None:
        self._to, self._pause_s = port, PIECE_BYTES / bytes_s
        self._loop = asyncio.new_event_loop()
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.broken = 0
        """How many connections were broken off."""
        self._thread = threading.Thread(target=self._run, name="hqcam-cut-link")
        self._thread.start()

    def cut(self) -> None:
        """Break all connections off, and let nobody through until `mend`. Any thread."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def mend(self) -> None:
        """Let connections through again. Any thread."""
        self._is_cut = False

    def close(self) -> None:
        """Cut it for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _cut(self) -> None:
        self._is_cut = True
        self.broken += len(self._links) // 2
        for link in self._links:
            link.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, sock=self._listener))
        self._loop.run_forever()
        server.close()
        for task in (left := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
            both = {writer, far_writer}
            self._links |= both
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
            self._links -= both

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                writer.write(data)
                await writer.drain()
                if len(data) > PIECE_BYTES // 4:
                    await asyncio.sleep(self._pause_s)
        writer.close()


@contextmanager
def cut_link(port: int, *, bytes_s: float) -> Iterator[CutLink]:
    """Give a link to that port of this machine."""
    link = CutLink(port, bytes_s)
    try:
        yield link
    finally:
        link.close()
