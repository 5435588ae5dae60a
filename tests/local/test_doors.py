"""What the gateways answer by themselves, and what the terminal says."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.cloudformation import ROOT
from tests.local import people_in_logs
from tests.local.running import clean_environment
from tests.local.world import World
from tools.local.outputs import Outputs, write_outputs
from tools.local.person import expect


def problem_of(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == body["requestId"]
    assert body["status"] == response.status_code
    assert {"type", "title", "detail"} <= body.keys()
    return response.status_code, body["code"]


def test_a_missing_token_is_asked_for(world: World) -> None:
    assert problem_of(world.stranger().get("/bookings")) == (401, "unauthenticated")


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0LWF5dSJ9."])
def test_a_wrong_token_is_refused(world: World, token: str) -> None:
    response = world.stranger().request("GET", "/bookings", headers={"Authorization": f"Bearer {token}"})

    assert problem_of(response) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/bookings"), ("PUT", "/therapists")])
def test_an_unknown_route_or_method_is_not_found(world: World, method: str, path: str) -> None:
    assert problem_of(world.stranger().request(method, path)) == (404, "not_found")


def test_a_browser_of_the_web_client_may_call_and_another_may_not(world: World) -> None:
    asking = {"Access-Control-Request-Method": "POST"}
    ours = world.stranger().request("OPTIONS", "/bookings", headers={**asking, "Origin": world.outputs.web_url})
    other = world.stranger().request("OPTIONS", "/bookings", headers={**asking, "Origin": "https://elsewhere.example"})

    assert ours.headers["access-control-allow-origin"] == world.outputs.web_url
    assert other.headers.get("access-control-allow-origin") != "https://elsewhere.example"
    assert "*" not in other.headers.get("access-control-allow-origin", "")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/therapists", 200),
        ("GET", "/therapists/t-nobody", 404),
        ("GET", "/bookings", 401),
        ("GET", "/nowhere", 404),
        ("POST", "/admin/audits", 401),
    ],
)
def test_the_web_client_can_read_every_answer_and_nothing_makes_more_of_it(
    world: World, method: str, path: str, status: int
) -> None:
    answer = world.stranger().request(method, path, headers={"Origin": world.outputs.web_url})

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == world.outputs.web_url
    assert "origin" in answer.headers["vary"].lower()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "access-control-allow-credentials" not in answer.headers


def test_whose_role_may_never_do_it_reads_the_refusal_too(world: World) -> None:
    answer = world.guest().request("GET", "/admin/health", headers={"Origin": world.outputs.web_url})

    assert problem_of(answer) == (403, "forbidden")
    assert answer.headers["access-control-allow-origin"] == world.outputs.web_url


def test_the_demo_therapists_are_in_the_catalogue(world: World) -> None:
    therapist = expect(world.stranger().get("/therapists/t-ayu"), 200)

    assert therapist["timeZone"] == "Asia/Makassar"
    assert therapist["status"] == "online"
    assert therapist["menu"][0]["prices"] == {"60": 250_000, "90": 350_000, "120": 450_000}


def test_a_ticket_opens_one_connection_and_no_second(world: World) -> None:
    customer = world.guest()
    ticket = expect(customer.post("/chat-tickets"), 201)["ticket"]

    with customer.connected(ticket) as socket:
        assert socket.ask({"action": "ping"})["type"] == "pong"
    with pytest.raises(InvalidStatus), customer.connected(ticket):
        pass


@pytest.mark.parametrize("action", ["$connect", "$disconnect", "$default"])
def test_a_frame_is_never_taken_for_the_gateway_s_own_word(world: World, action: str) -> None:
    with world.guest().connected() as socket:
        assert socket.ask({"action": action})["code"] == "unknown_action"
        assert socket.ask({"action": "ping"})["type"] == "pong"


def test_no_ticket_opens_no_connection(world: World) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(world.outputs.web_socket_url):
        pass

    assert refused.value.response.status_code == 401


def test_logs_are_there_to_be_searched_for_people_and_a_planted_one_is_found(world: World) -> None:
    world.guest()

    assert any("open_session" in line for line in people_in_logs.lines_of(world.outputs))
    planted = ["booked by Wayan Sudarma", "to +6281234567890", "at Jalan Raya Ubud 8", "Bearer eyJhbGciOiJIUzI1NiJ9.e"]
    assert people_in_logs.telling(["booking created b-1", *planted]) == planted


def test_make_token_prints_a_token_and_nothing_else(world: World, tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    write_outputs(file, world.outputs)

    printed = subprocess.run(
        ["make", "--no-print-directory", "token", "USER_ID=t-ayu", f"OUTPUTS={file}"],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    response = world.stranger().request("GET", "/bookings", headers={"Authorization": f"Bearer {printed.strip()}"})
    assert response.status_code == 200
    assert printed.count("\n") == 1


def test_the_web_client_learns_where_everything_is(world: World) -> None:
    configuration = httpx.get(f"{world.outputs.web_url}/config.json")

    assert configuration.json()["restUrl"] == world.outputs.rest_url
    assert configuration.json()["webSocketUrl"] == world.outputs.web_socket_url
    assert "frame-ancestors 'none'" in configuration.headers["content-security-policy"]


def test_the_file_of_outputs_has_the_words_of_the_contract(outputs: Outputs, tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    write_outputs(file, outputs)
    content = json.loads(file.read_text())

    assert content["ready"] is True
    assert content["functions"]["ExpireBookingsFunction"] == "marketplace-expire-bookings"
    assert content["tables"]["chat_rooms"] == "marketplace-chat_rooms"
    assert content["users"]["t-ayu"]["role"] == "therapist"
    assert content.keys() == {
        "ready",
        "restUrl",
        "webSocketUrl",
        "webUrl",
        "outboxUrl",
        "awsEndpointUrl",
        "region",
        "stackName",
        "functions",
        "tables",
        "users",
    }
