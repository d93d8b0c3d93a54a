"""A proxy on loopback that spoils what passes: a bad line (TLS passes through), or a bad server.

The client is told of it by its proxy setting (CONNECT), so that every address stays what it is.
"""

import asyncio
import os
import re
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from socket import SO_LINGER, SOL_SOCKET
from urllib.parse import urlsplit

_CHUNK = 1 << 16
_LONG = 3600.0
_DRIP = 0.02
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Toxic(StrEnum):
    """What goes wrong."""

    RESET = "reset"
    CUT = "cut"
    SLOW = "slow"
    FLIP = "flip"
    BLACKHOLE = "blackhole"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    GARBAGE = "garbage"


@dataclass(frozen=True)
class Fault:
    """One order: what, how often, after how many bytes, and of which request (inside TLS only).

    ``asking``: to the request instead of its answer; DUPLICATE then delivers a request twice, and
    REORDER delivers it once more after the one that follows, as a network may.
    """

    toxic: Toxic
    times: int = 1
    after: int = 0
    method: str = ""
    path: str = ""
    asking: bool = False


class FaultProxy:
    """Its orders; safe to give from the test's thread while the proxy runs in its own."""

    def __init__(self) -> None:
        """Spoil nothing yet."""
        self.address = ""
        """For PlatformSettings.proxy."""
        self.gone = False
        self.passed: list[str] = []
        """METHOD path of every request, inside TLS."""
        self.spoiled = 0
        self._orders: list[Fault] = []
        self._lock = threading.Lock()
        self._hang_up: Callable[[], object] = lambda: None

    def unplug(self) -> None:
        """The network is gone: open connections end, nobody gets through."""
        self.gone = True
        self._hang_up()

    def plug(self) -> None:
        """The network is back."""
        self.gone = False

    def order(self, toxic: Toxic | str, **more: object) -> None:
        """Order a fault."""
        with self._lock:
            self._orders.append(Fault(Toxic(toxic), **more))  # type: ignore[arg-type]  # by keyword

    def behave(self) -> None:
        """Forget what was ordered."""
        with self._lock:
            self._orders.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Take the first fault that concerns this request."""
        with self._lock:
            for index, fault in enumerate(self._orders):
                if fault.method in ("", method) and path.startswith(fault.path):
                    left = replace(fault, times=fault.times - 1)
                    self._orders[index : index + 1] = [left] if left.times > 0 else []
                    self.spoiled += 1
                    return fault
        return None


@contextmanager
def fault_proxy(
    upstream: str, *, inside: tuple[ssl.SSLContext, ssl.SSLContext] | None = None
) -> Iterator[FaultProxy]:
    """Run until the block ends. ``upstream``: base address of the one server behind it.

    ``inside``: the server's own TLS context and a client's that trusts the server: TLS then ends
    here, and faults are of single requests. Without it bytes pass encrypted.
    """
    parts = urlsplit(upstream)
    proxy = FaultProxy()
    ready, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()
    line = _Line(proxy, (parts.hostname or "", parts.port or 443), inside)
    thread = threading.Thread(target=lambda: loop.run_until_complete(line.serve(ready, over)))
    thread.start()
    ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


class _ResetError(Exception):
    """Both ends are to be reset."""


class _CutError(Exception):
    """Both ends are to be closed."""


@dataclass
class _Current:
    """The fault of the request in hand, and how much of the answer has passed."""

    fault: Fault | None = None
    passed: int = 0
    done: bool = False
    late: list[bytes] = field(default_factory=list)
    """Requests that will be delivered once more."""

    def begin(self, fault: Fault | None) -> None:
        self.fault, self.passed, self.done = fault, 0, False


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Line:
    """The two servers: the way in, and, where TLS ends here, the place where it does."""

    def __init__(
        self,
        proxy: FaultProxy,
        upstream: tuple[str, int],
        inside: tuple[ssl.SSLContext, ssl.SSLContext] | None,
    ) -> None:
        self._proxy = proxy
        self._upstream = upstream
        self._inside = inside
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        target, pipe = self._upstream, self._spoiled_bytes
        servers = []
        if self._inside is not None:
            ended = await asyncio.start_server(
                self._guarded(self._requests), "127.0.0.1", 0, ssl=self._inside[0]
            )
            servers.append(ended)
            target, pipe = ended.sockets[0].getsockname()[:2], _plain_bytes

        async def way_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            if self._proxy.gone:
                raise _ResetError
            async with _connection(*target) as there:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                await pipe((reader, writer), there)

        front = await asyncio.start_server(self._guarded(way_in), "127.0.0.1", 0)
        servers.append(front)
        loop = asyncio.get_running_loop()
        self._proxy._hang_up = lambda: loop.call_soon_threadsafe(self._end_all)
        self._proxy.address = f"http://127.0.0.1:{front.sockets[0].getsockname()[1]}"
        ready.set()
        await over.wait()
        for server in servers:
            server.close()
        self._end_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in servers:
            await server.wait_closed()

    def _end_all(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    def _guarded(
        self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        """Serve one connection and end it as it ended: closed, or reset."""

        async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await serve(reader, writer)
                writer.close()
            except (_CutError, asyncio.IncompleteReadError):
                writer.close()
            except (_ResetError, OSError, ssl.SSLError, asyncio.CancelledError):
                _reset(writer)
            finally:
                self._tasks.discard(task)
            with suppress(OSError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

        return run

    async def _spoiled_bytes(self, here: Stream, there: Stream) -> None:
        """Pass encrypted bytes; a fault begins with what the client sends next."""
        current = _Current()

        async def ask() -> None:
            while chunk := await here[0].read(_CHUNK):
                if current.fault is None:
                    current.begin(self._proxy.take("", ""))
                if current.fault is not None and current.fault.asking:
                    await _spoil(chunk, there[1], current)
                else:
                    there[1].write(chunk)
                    await there[1].drain()

        await _both(ask(), _answers(there[0], here[1], current))

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass requests on one by one, and their answers as they come."""
        current = _Current()
        async with self._server() as there:

            async def ask() -> None:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = _LENGTH.search(head)
                    body = await reader.readexactly(int(length[1])) if length else b""
                    method, path, _ = head.decode("latin-1").split(" ", 2)
                    self._proxy.passed.append(f"{method} {path.partition('?')[0]}")
                    fault = self._proxy.take(method, path)
                    late, current.late = current.late, []
                    current.begin(fault)
                    await self._deliver(head, body, there[1], current)
                    for again in late:
                        await self._once_more(again)

            await _both(ask(), _answers(there[0], writer, current))

    async def _deliver(
        self, head: bytes, body: bytes, writer: asyncio.StreamWriter, current: _Current
    ) -> None:
        fault = current.fault
        if fault is None or not fault.asking:
            writer.write(head + body)
        elif fault.toxic is Toxic.DUPLICATE:
            await self._once_more(head + body)
            writer.write(head + body)
        elif fault.toxic is Toxic.REORDER:
            current.late.append(head + body)
            writer.write(head + body)
        else:
            writer.write(head)
            await _spoil(body or b"\r\n", writer, current)
        await writer.drain()

    async def _once_more(self, request: bytes) -> None:
        """Deliver a request whose answer nobody hears."""
        async with self._server() as (reader, writer):
            writer.write(request)
            await writer.drain()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(reader.read(_CHUNK), 2)

    def _server(self) -> AbstractAsyncContextManager[Stream]:
        assert self._inside is not None
        return _connection(*self._upstream, ssl=self._inside[1])


@asynccontextmanager
async def _connection(
    host: str, port: int, *, ssl: ssl.SSLContext | None = None
) -> AsyncIterator[Stream]:
    reader, writer = await asyncio.open_connection(host, port, ssl=ssl)
    try:
        yield reader, writer
    except BaseException:
        _reset(writer)
        raise
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            await writer.wait_closed()


async def _both(ask: Coroutine[None, None, None], answer: Coroutine[None, None, None]) -> None:
    """Run both directions until one ends; the other ends with it, and so does its error."""
    tasks = [asyncio.ensure_future(ask), asyncio.ensure_future(answer)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _plain_bytes(here: Stream, there: Stream) -> None:
    await _both(_answers(here[0], there[1], _Current()), _answers(there[0], here[1], _Current()))


async def _answers(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, current: _Current
) -> None:
    while chunk := await reader.read(_CHUNK):
        if current.fault is None or current.fault.asking:
            writer.write(chunk)
            await writer.drain()
        else:
            await _spoil(chunk, writer, current)


async def _spoil(chunk: bytes, writer: asyncio.StreamWriter, current: _Current) -> None:
    fault = current.fault
    assert fault is not None
    free = max(0, fault.after - current.passed)
    current.passed += len(chunk)
    writer.write(chunk[:free])
    await writer.drain()
    rest = chunk[free:]
    if rest:
        await _poison(rest, writer, current, fault.toxic)


async def _poison(
    rest: bytes, writer: asyncio.StreamWriter, current: _Current, toxic: Toxic
) -> None:
    first, current.done = not current.done, True
    match toxic:
        case Toxic.RESET:
            raise _ResetError
        case Toxic.CUT:
            raise _CutError
        case Toxic.BLACKHOLE:
            await asyncio.sleep(_LONG)
        case Toxic.SLOW:
            for byte in rest:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(_DRIP)
        case Toxic.GARBAGE:
            writer.write(os.urandom(3000))
            await writer.drain()
            raise _CutError
        case _:
            writer.write(_changed(rest, toxic) if first else rest)
            await writer.drain()


def _changed(rest: bytes, toxic: Toxic) -> bytes:
    half = len(rest) // 2
    match toxic:
        case Toxic.FLIP:
            return bytes([rest[0] ^ 0x04]) + rest[1:]
        case Toxic.REORDER:
            return rest[half:] + rest[:half]
        case _:
            return rest + rest


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
