"""`make smoke` passes on a system that works, and names the step that fails; a second owner is refused."""

from dataclasses import replace

import boto3
import pytest

from tests.local.world import World
from tools.local.tables_read import Stack
from tools.ops.add_owner import Owners, RefusedError
from tools.ops.smoke import FailedError, Trial, try_stack


def test_a_running_system_passes_every_step(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_stack(world.outputs) == 0
    said = capsys.readouterr().out
    assert said.count("ok ") == 6
    assert said.rstrip().endswith("works")


def test_the_step_that_fails_is_named_in_one_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    broken = replace(world.outputs, web_socket_url="ws://127.0.0.1:1/v1")
    assert try_stack(broken) == 1
    said = capsys.readouterr().err
    assert said.startswith("failed: a socket")
    assert said.count("\n") == 1


def test_a_browser_of_another_origin_is_seen_to_be_refused(world: World) -> None:
    elsewhere = replace(world.outputs, web_url="https://elsewhere.example")
    session = boto3.Session("test", "test", region_name=world.outputs.region)
    with pytest.raises(FailedError, match="may not call"):
        Trial(elsewhere, session, world.outputs.aws_endpoint_url).run()


def owners(world: World) -> Owners:
    session = boto3.Session("test", "test", region_name=world.outputs.region)
    return Owners(Stack(name=world.outputs.stack_name, session=session, endpoint_url=world.outputs.aws_endpoint_url))


def test_a_second_owner_is_refused(world: World) -> None:
    with pytest.raises(RefusedError, match="already"):
        owners(world).add_first("a-second", "second@example.com")


@pytest.mark.parametrize(
    ("user_id", "email", "says"),
    [("", "a@example.com", "USER_ID"), ("a b", "a@example.com", "USER_ID"), ("a-sri", "sri", "EMAIL")],
)
def test_a_wrong_name_or_address_is_refused_before_anything_else(
    world: World, user_id: str, email: str, says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        owners(world).add_first(user_id, email)
