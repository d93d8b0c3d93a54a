"""What is sent is held to time and rate as what comes is (R15); early answers are heard."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from workstation.errors import Unreachable
from workstation.platform.http import HttpClient
from workstation.platform.transport import Patience

Clients = Callable[..., HttpClient]
REPORT = bytes(8 << 20)


@contextmanager
def listening(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server of one connection on loopback; ``serve`` ends when its event is set."""
    over = threading.Event()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                serve(connection, over)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def deaf(_: socket.socket, over: threading.Event) -> None:
    over.wait(5)


def slow(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.02):
        connection.recv(2000)


def too_large(connection: socket.socket, _: threading.Event) -> None:
    connection.recv(2000)
    connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_a_server_that_takes_nothing_is_given_up(client: Clients) -> None:
    with listening(deaf) as base, pytest.raises(Unreachable, match="in time"):
        client(base, patience=Patience(read=0.2)).request("POST", base, body=REPORT)


def test_a_line_that_takes_too_little_is_given_up(client: Clients) -> None:
    patience = Patience(read=1, window=0.1, floor=50e6)
    with listening(slow) as base, pytest.raises(Unreachable):
        client(base, patience=patience).request("POST", base, body=REPORT)


def test_sending_ends_at_the_total_deadline(client: Clients) -> None:
    patience = Patience(read=5, total=0.3, floor=1e9, window=60)
    began = time.monotonic()
    with listening(slow) as base, pytest.raises(Unreachable):
        client(base, patience=patience).request("POST", base, body=REPORT)
    assert time.monotonic() - began < 2


def test_an_answer_given_before_all_was_sent_is_heard(client: Clients) -> None:
    with listening(too_large) as base:
        assert client(base).request("POST", base, body=REPORT).status == 413
