"""A changed key signs from then on, and what the former one signed counts until it expires."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.identity.signing_key import CURRENT, LOOKS_AGAIN_AFTER_SECONDS, PREVIOUS, SigningKeys
from marketplace.identity.tokens import TokenReader, guest_token
from marketplace.platform.language import Language
from marketplace.platform.refusals import QuoteStale, Unauthenticated
from marketplace.platform.signing import Signer

NOW = datetime.now(UTC)


class Secret:
    """A secret as Secrets Manager keeps it: a new value makes the former one the previous."""

    def __init__(self) -> None:
        self.versions = {CURRENT: "0" * 64}
        self.reads = 0

    def read(self, stage: str) -> str | None:
        self.reads += 1
        return self.versions.get(stage)

    def rotate(self) -> None:
        before = self.versions[CURRENT]
        self.versions = {CURRENT: f"{int(before) + 1:064}", PREVIOUS: before}


class Environment:
    """An execution environment: it keeps the keys that it has read."""

    def __init__(self, secret: Secret) -> None:
        self.clock = 0.0
        self.keys = SigningKeys(secret.read, lambda: self.clock)
        self.seal = Signer(self.keys.current, self.keys.accepted)
        self.reader = TokenReader(guest_keys=self.keys.accepted, pool_keys=str, issuer="", client_id="")

    def token(self, customer_id: str) -> str:
        return guest_token(customer_id, Language.ENGLISH, self.keys.current(), NOW)[0]

    def opens(self, sealed: str) -> bool:
        try:
            self.seal.open("quote", sealed, now=NOW, otherwise=QuoteStale())
        except QuoteStale:
            return False
        return True


def test_tokens_and_seals_of_the_former_key_live_on_in_old_and_new_environments() -> None:
    secret = Secret()
    old = Environment(secret)
    token, sealed = old.token("c-1"), old.seal.close("quote", {"price": 1})

    secret.rotate()
    new = Environment(secret)

    for environment in (old, new):
        assert environment.reader.read(token).user_id == "c-1"
        assert environment.opens(sealed)


def test_an_environment_of_before_takes_what_the_new_key_signs_and_signs_with_it_itself() -> None:
    secret = Secret()
    old = Environment(secret)
    old.token("c-1")
    secret.rotate()
    new = Environment(secret)

    assert old.reader.read(new.token("c-2")).user_id == "c-2"
    assert old.opens(new.seal.close("quote", {}))
    assert old.keys.current() == secret.versions[CURRENT]


def test_a_key_that_was_changed_twice_counts_no_more() -> None:
    secret = Secret()
    token = Environment(secret).token("c-1")
    secret.rotate()
    secret.rotate()
    with pytest.raises(Unauthenticated):
        Environment(secret).reader.read(token)


def test_a_token_that_has_expired_is_not_saved_by_any_key() -> None:
    secret = Secret()
    environment = Environment(secret)
    token, _ = guest_token("c-1", Language.ENGLISH, environment.keys.current(), NOW - timedelta(days=31))
    secret.rotate()
    with pytest.raises(Unauthenticated):
        environment.reader.read(token)


def test_a_flood_of_wrong_tokens_looks_for_new_keys_once_a_minute() -> None:
    secret = Secret()
    environment = Environment(secret)
    forged = guest_token("c-1", Language.ENGLISH, "f" * 64, NOW)[0]
    for _ in range(100):
        with pytest.raises(Unauthenticated):
            environment.reader.read(forged)
    assert secret.reads == 3

    environment.clock += LOOKS_AGAIN_AFTER_SECONDS
    secret.rotate()
    assert environment.reader.read(Environment(secret).token("c-2")).user_id == "c-2"


def test_good_tokens_cost_one_read() -> None:
    secret = Secret()
    environment = Environment(secret)
    for _ in range(100):
        environment.reader.read(environment.token("c-1"))
    assert secret.reads == 1
