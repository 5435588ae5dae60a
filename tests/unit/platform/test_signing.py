"""What a client carries for us comes back as it was, for what it was made for, in time; or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.identity.tickets import GOOD_FOR, read_ticket, ticket_for
from marketplace.platform.caller import Caller, Role
from marketplace.platform.language import Language
from marketplace.platform.refusals import QuoteStale, Unauthenticated
from marketplace.platform.signing import Signer, pseudonym

NOW = datetime(2026, 11, 22, 8, 15, tzinfo=UTC)
SEAL = Signer(lambda: "k" * 64)
PAYLOADS = st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=20), max_size=4)


@given(PAYLOADS)
def test_what_was_sealed_comes_back(payload: dict[str, object]) -> None:
    payload.pop("_until", None)
    assert SEAL.open("quote", SEAL.close("quote", payload), now=NOW, otherwise=QuoteStale()) == payload


@given(PAYLOADS, st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_changed_seal_does_not_open(payload: dict[str, object], position: int, character: str) -> None:
    sealed = SEAL.close("quote", payload)
    place = position % (len(sealed) - 1)
    changed = sealed[:place] + character + sealed[place + 1 :]
    if changed != sealed:
        with pytest.raises(QuoteStale):
            SEAL.open("quote", changed, now=NOW, otherwise=QuoteStale())


@given(st.text(max_size=200))
def test_no_text_of_somebody_s_own_opens(text: str) -> None:
    with pytest.raises(QuoteStale):
        SEAL.open("quote", text, now=NOW, otherwise=QuoteStale())


@given(PAYLOADS)
def test_a_seal_has_one_spelling(payload: dict[str, object]) -> None:
    sealed = SEAL.close("quote", payload)
    head, _, signature = sealed.rpartition(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ 1]  # 43 characters hold 258 bits of 256
    for spelled in (
        f"{sealed}=",
        f"{head}=.{signature}",
        f"{head}.{loose}",
        f"{sealed}\n",
        f" {sealed}",
        f"{head}.{signature[:9]}*{signature[9:]}",
    ):
        with pytest.raises(QuoteStale):
            SEAL.open("quote", spelled, now=NOW, otherwise=QuoteStale())


def test_a_quote_is_no_ticket_and_one_stack_s_seal_is_not_another_s() -> None:
    sealed = SEAL.close("quote", {"a": 1})
    for seal, purpose in ((SEAL, "chat-ticket"), (Signer(lambda: "l" * 64), "quote")):
        with pytest.raises(QuoteStale):
            seal.open(purpose, sealed, now=NOW, otherwise=QuoteStale())


def test_a_ticket_lets_its_owner_in_for_thirty_seconds_with_the_sign_in_it_was_issued_for() -> None:
    caller = Caller(user_id="c-wayan", role=Role.CUSTOMER, language=Language.INDONESIAN, signed_in_at=7)
    ticket = str(ticket_for(caller, SEAL, NOW)["ticket"])
    assert timedelta(seconds=30) == GOOD_FOR
    assert read_ticket(ticket, SEAL, NOW + timedelta(seconds=29))[1] == caller
    with pytest.raises(Unauthenticated):
        read_ticket(ticket, SEAL, NOW + timedelta(seconds=30))


def test_two_tickets_are_never_the_same() -> None:
    caller = Caller(user_id="c-wayan", role=Role.CUSTOMER)
    ids = {read_ticket(str(ticket_for(caller, SEAL, NOW)["ticket"]), SEAL, NOW)[0] for _ in range(50)}
    assert len(ids) == 50


def test_a_pseudonym_is_the_same_for_the_same_and_tells_nothing_without_the_key() -> None:
    assert pseudonym("203.0.113.7", "a") == pseudonym("203.0.113.7", "a")
    assert pseudonym("203.0.113.7", "a") != pseudonym("203.0.113.8", "a")
    assert pseudonym("203.0.113.7", "a") != pseudonym("203.0.113.7", "b")
