"""The drill of docs/operating.md: the signing key is changed while guests are there, and nobody notices."""

from collections.abc import Mapping
from typing import Any

import boto3

from functions.authorize import handler as authorize
from marketplace import bootstrap
from marketplace.platform.settings import settings
from tests.integration.gateway import call


def guest() -> tuple[str, str]:
    opened = call("POST", "/guest-sessions", by=None, body={}).body
    return opened["customerId"], opened["token"]


def who_is(token: str) -> str:
    return authorize.bearer({"authorization": f"Bearer {token}"}).user_id


def test_guests_of_before_and_after_a_new_key_are_let_in(tables: Mapping[str, Any]) -> None:
    assert tables
    before, token_before = guest()
    assert who_is(token_before) == before

    boto3.client("secretsmanager").put_secret_value(SecretId=settings().sealing_secret_id, SecretString="n" * 64)
    assert who_is(token_before) == before, "an environment that runs on"

    bootstrap.signing_keys.cache_clear()
    after, token_after = guest()
    assert bootstrap.sealing_key() == "n" * 64
    assert (who_is(token_before), who_is(token_after)) == (before, after), "a fresh environment"
