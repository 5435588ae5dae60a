"""An environment that starts from a snapshot has no connection and no random numbers of another's."""

import random
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from marketplace.platform.runtime.snapshots import prepare_for_snapshots

if TYPE_CHECKING:
    from collections.abc import Callable


class Hooks:
    """Lambda's runtime, as far as it takes hooks."""

    def __init__(self) -> None:
        self.before: list[Callable[[], None]] = []
        self.after: list[Callable[[], None]] = []

    def module(self) -> Any:  # noqa: ANN401 - stands in for a module
        return SimpleNamespace(register_before_snapshot=self.before.append, register_after_restore=self.after.append)


class Client:
    """A client that counts how often it let go of its connections."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    made = Hooks()
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", made.module())
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    return made


def test_connections_are_closed_before_the_snapshot_and_after_each_restore(hooks: Hooks) -> None:
    client = Client()
    prepare_for_snapshots(lambda: [client])

    hooks.before[0]()
    hooks.after[0]()

    assert client.closed == 2


def test_clients_that_are_made_after_the_hooks_are_closed_too(hooks: Hooks) -> None:
    clients: list[Client] = []
    prepare_for_snapshots(lambda: clients)
    clients.append(Client())
    hooks.after[0]()
    assert clients[0].closed == 1


def test_two_restores_of_one_snapshot_have_different_random_numbers(hooks: Hooks) -> None:
    prepare_for_snapshots(list)
    snapshot = random.getstate()

    def restored() -> float:
        random.setstate(snapshot)
        hooks.after[0]()
        return random.random()  # noqa: S311 - jitter, no secret

    assert restored() != restored()


def test_an_ordinary_start_needs_no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)
    prepare_for_snapshots(list)


def test_a_client_that_was_closed_can_be_used_again() -> None:
    client: Any = botocore.session.Session().create_client(
        "sts", region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    client.close()
    assert client.generate_presigned_url("get_caller_identity")
