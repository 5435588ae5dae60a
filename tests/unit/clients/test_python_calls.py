"""The Python client sends what a method says, repeats only what may be repeated, and names every refusal."""

import httpx
import pytest

from marketplace_client import Client, Problem

TOKEN = "secret"
PROBLEM = {
    "type": "urn:marketplace:problem:slot_taken",
    "title": "Conflict",
    "status": 409,
    "detail": "That time is taken.",
    "code": "slot_taken",
    "requestId": "r-1",
}


class Server:
    """Answers as told, one after another, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = iter(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(server: Server, token: str | None = TOKEN) -> Client:
    return Client("https://api.test/v1/", token=token, transport=httpx.MockTransport(server))


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have waited before each repeat."""
    waited: list[float] = []
    monkeypatch.setattr("marketplace_client.calls.time.sleep", waited.append)
    return waited


def test_a_method_sends_path_query_body_key_and_token() -> None:
    server = Server(httpx.Response(200, json={}), httpx.Response(200, json={}), httpx.Response(201, json={}))
    calling = client(server)

    calling.list_slots("t/ayu ?", date="2026-11-23", duration=90)
    calling.list_therapists(online=True)
    calling.create_test_booking({"kind": "chat"}, idempotency_key="k-1")

    slots, therapists, made = server.requests
    assert slots.url.raw_path == b"/v1/therapists/t%2Fayu%20%3F/slots?date=2026-11-23&duration=90"
    assert therapists.url.query == b"online=true"
    assert made.method == "POST"
    assert made.read() == b'{"kind":"chat"}'
    assert made.headers["idempotency-key"] == "k-1"
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer secret"}


def test_nobody_in_particular_sends_no_token() -> None:
    server = Server(httpx.Response(200, json={"items": [], "nextCursor": None}))

    assert client(server, token=None).list_hotels() == {"items": [], "nextCursor": None}
    assert "authorization" not in server.requests[0].headers


def test_a_refusal_is_a_problem_with_its_code() -> None:
    server = Server(httpx.Response(409, json=PROBLEM, headers={"x-request-id": "r-1"}))

    with pytest.raises(Problem) as refused:
        client(server).accept_booking("b-1")

    problem = refused.value
    assert (problem.status, problem.code, problem.detail, problem.request_id) == (
        409,
        "slot_taken",
        PROBLEM["detail"],
        "r-1",
    )
    assert not problem.is_passing


def test_a_page_of_a_proxy_is_a_problem_too() -> None:
    with pytest.raises(Problem) as refused:
        client(Server(*[httpx.Response(502, text="<html>")] * 3)).read_profile()

    assert (refused.value.status, refused.value.code) == (502, "unknown")


@pytest.mark.parametrize("trouble", [httpx.Response(503), httpx.Response(429), httpx.ConnectError("gone")])
def test_reading_and_keyed_requests_are_repeated(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble, trouble, httpx.Response(200, json={}), trouble, httpx.Response(201, json={}))
    calling = client(server)

    calling.read_profile()
    calling.create_test_booking({"kind": "chat"}, idempotency_key="k-1")

    assert len(server.requests) == 5


def test_a_request_without_a_key_is_sent_once() -> None:
    server = Server(httpx.ReadTimeout("silence"))

    with pytest.raises(httpx.ReadTimeout):
        client(server).accept_booking("b-1")
    assert len(server.requests) == 1


def test_three_attempts_are_the_most() -> None:
    server = Server(*[httpx.Response(503, headers={"retry-after": "2"})] * 3)

    with pytest.raises(Problem) as refused:
        client(server).read_profile()
    assert refused.value.retry_after == 2
    assert len(server.requests) == 3


def test_the_wait_that_an_answer_names_is_kept(pauses: list[float]) -> None:
    client(Server(httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(200, json={}))).read_profile()

    assert pauses == [7]


def test_a_link_is_returned_and_not_followed() -> None:
    server = Server(httpx.Response(302, headers={"location": "https://files.test/a"}))

    assert client(server).fetch_attachment("a-1") == "https://files.test/a"


def test_an_export_is_text() -> None:
    server = Server(httpx.Response(200, text="at,code\n", headers={"content-type": "text/csv"}))

    assert str(client(server).list_errors(format="csv")) == "at,code\n"
