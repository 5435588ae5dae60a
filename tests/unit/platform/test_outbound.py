"""Only public addresses are called, judged by the address really connected to; a laptop may also call itself."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest

from marketplace.platform.aws.outbound import AddressRefused, NoAnswer, check_url, is_public, post

INSIDE = (
    "http://example.com/",
    "https://127.0.0.1/",
    "https://10.0.0.1/x",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[fd00::1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://0.0.0.0/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://db.internal/",
    "https://intranet/",
    "https://2130706433/",
    "https://127.1/",
    "https://user:secret@example.com/",
    "https://example.com\\@10.0.0.1/",
    "https://example.com/a b",
    "https://example.com:0/",
    "https://example.com:99999/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "//example.com/",
    "https://",
    "",
)


@pytest.mark.parametrize("url", INSIDE)
def test_what_is_not_public_is_refused_on_aws_and_on_a_laptop(url: str) -> None:
    for on_laptop in (False, True):
        with pytest.raises(AddressRefused):
            check_url(url, on_laptop=on_laptop)


def test_a_laptop_may_call_a_port_of_its_own_and_aws_may_not() -> None:
    assert check_url("http://127.0.0.1:8080/hook", on_laptop=True).port == 8080
    with pytest.raises(AddressRefused):
        check_url("http://127.0.0.1:8080/hook", on_laptop=False)
    for other in ("http://127.0.0.1/", "http://127.0.0.2:80/", "http://localhost:8080/", "http://[::1]:8080/"):
        with pytest.raises(AddressRefused):
            check_url(other, on_laptop=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_name_that_points_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[("8.8.8.8", 443), ("10.0.0.1", 443)], [("169.254.169.254", 443)]])

    def resolve(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in next(answers)]

    def connect(*_: object, **__: object) -> socket.socket:
        raise AssertionError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    for _ in range(2):
        with pytest.raises(AddressRefused):
            post("https://hooks.example.com/", b"{}", {}, seconds=1, on_laptop=True)


@contextmanager
def answering(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65_536)
                behave(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"


def test_a_redirection_is_an_answer_and_not_followed() -> None:
    with answering(lambda peer: peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")) as url:
        assert post(url, b"{}", {}, seconds=2, on_laptop=True) == 302


def drip(peer: socket.socket) -> None:
    try:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100:
            peer.sendall(bytes([letter]))
            time.sleep(0.1)
    except OSError:
        return


@pytest.mark.parametrize("behave", [drip, lambda _: time.sleep(5), lambda peer: peer.sendall(b"nonsense\r\n\r\n")])
def test_who_hangs_drips_or_talks_nonsense_takes_no_longer_than_allowed(
    behave: Callable[[socket.socket], None],
) -> None:
    started = time.monotonic()
    with answering(behave) as url, pytest.raises(NoAnswer):
        post(url, b"{}", {}, seconds=0.5, on_laptop=True)
    assert time.monotonic() - started < 4
