"""The keys of the user pool: fresh or none, and never asked for more often than a forger can make us."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from marketplace.identity.token_keys import FETCH_SECONDS, TokenKeys, fetcher
from marketplace.platform.refusals import ServiceUnavailable, Unauthenticated


def key_set(*key_ids: str, use: str = "sig") -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    document = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key))
    return {"keys": [{**document, "kid": key_id, "alg": "RS256", "use": use} for key_id in key_ids]}


class Pool:
    """A user pool whose key set can be changed, lost, and counted."""

    def __init__(self, *key_ids: str) -> None:
        self.document: object = key_set(*key_ids)
        self.fetches = 0
        self.seconds = 1_000.0
        self.keys = TokenKeys(self._fetch, now=lambda: self.seconds)

    def lose(self) -> None:
        self.document = None

    def _fetch(self) -> object:
        self.fetches += 1
        if self.document is None:
            raise jwt.PyJWKClientConnectionError
        return self.document


def test_a_key_is_fetched_once_in_five_minutes() -> None:
    pool = Pool("key-1")
    for _ in range(10):
        pool.keys.find("key-1")
        pool.seconds += 29
    assert pool.fetches == 1
    pool.seconds += 20
    pool.keys.find("key-1")
    assert pool.fetches == 2


def test_without_keys_nobody_is_let_in() -> None:
    pool = Pool()
    pool.lose()
    with pytest.raises(ServiceUnavailable):
        pool.keys.find("key-1")


def test_kept_keys_outlive_a_pool_that_is_down_for_five_minutes_and_no_longer() -> None:
    pool = Pool("key-1")
    pool.keys.find("key-1")
    pool.lose()
    pool.seconds += 299
    pool.keys.find("key-1")
    pool.seconds += 2
    with pytest.raises(ServiceUnavailable):
        pool.keys.find("key-1")


def test_a_pool_that_comes_back_is_found_again() -> None:
    pool = Pool("key-1")
    document, pool.document = pool.document, None
    with pytest.raises(ServiceUnavailable):
        pool.keys.find("key-1")
    pool.document = document
    pool.seconds += 3
    pool.keys.find("key-1")


def test_callers_do_not_all_wait_for_a_dead_pool() -> None:
    pool = Pool()
    pool.lose()
    for _ in range(10):
        with pytest.raises(ServiceUnavailable):
            pool.keys.find("key-1")
    assert pool.fetches == 1


def test_a_rotated_key_is_looked_for() -> None:
    pool = Pool("key-1")
    pool.keys.find("key-1")
    pool.document = key_set("key-1", "key-2")
    pool.seconds += 31
    pool.keys.find("key-2")


def test_made_up_key_ids_cost_one_fetch_in_half_a_minute() -> None:
    pool = Pool("key-1")
    for number in range(100):
        with pytest.raises(Unauthenticated):
            pool.keys.find(f"made-up-{number}")
    assert pool.fetches == 1


def test_a_key_for_encryption_checks_no_signature() -> None:
    pool = Pool()
    pool.document = key_set("key-1", use="enc")
    with pytest.raises(Unauthenticated):
        pool.keys.find("key-1")


@pytest.mark.parametrize("document", [[], "keys", {}, {"keys": []}, {"keys": {}}, {"keys": [{}]}, {"keys": [7]}, 7])
def test_what_is_no_key_set_lets_nobody_in(document: object) -> None:
    pool = Pool()
    pool.document = document
    with pytest.raises(ServiceUnavailable):
        pool.keys.find("key-1")


def test_a_pool_that_does_not_answer_costs_two_seconds() -> None:
    with silent_server() as url:
        started = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            TokenKeys(fetcher(url)).find("key-1")
        assert time.monotonic() - started < 2 * FETCH_SECONDS + 1


def test_a_pool_that_answers_nonsense_lets_nobody_in() -> None:
    with silent_server(answer=b"<html>") as url, pytest.raises(ServiceUnavailable):
        TokenKeys(fetcher(url)).find("key-1")


@contextmanager
def silent_server(answer: bytes | None = None) -> Iterator[str]:
    """Listen, and answer nothing unless told what."""
    done = threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if answer is None:
                done.wait(10)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            del format, arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        done.set()
        server.shutdown()
        thread.join()
        server.server_close()
