"""Each invariant sees what it is there for: a violation planted in the tables of a market where nothing was broken."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import settings as playing
from hypothesis import strategies as st

from marketplace.operations.invariants.catalogue import INVARIANTS, check_all
from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.settings import settings
from tests.faults.market import ADMIN, AYU, BUDI, MADE, READ, WAYAN, Market, room_of
from tests.faults.planted_violations import (
    KETUT,
    PLANTS,
    Plant,
    Tables,
    forget_the_first_messages,
    issue_papers,
    leave_the_welcome_out,
    lose_a_claim,
    lose_a_file,
    lose_a_message,
    prove,
)


def tomorrow(market: Market) -> dict[str, str]:
    """Return what orders a visit for a time of tomorrow at which everybody is free."""
    start = (market.now + timedelta(days=1)).replace(hour=5, minute=0, second=0)
    return {"bookingType": "scheduled", "scheduledTime": format_utc(start)}


def lively(market: Market) -> Tables:
    """Return the tables of a market with a booking in every state, one of them forgotten, talk, and two sockets."""
    market.connect(AYU, "connection-ayu")
    market.connect(ADMIN, "connection-admin")
    declined = market.book(MADE, BUDI, customerWhatsApp="+6281200000001", discountCode="HEMAT10")
    market.command(BUDI, declined, "decline")
    expired = market.book(MADE, BUDI, customerWhatsApp="+6281200000002")
    confirmed = market.book(discountCode="SEKALI")
    market.send(WAYAN, confirmed, "hello", "m-1")
    market.wait(seconds=10)
    market.command(AYU, confirmed, "accept")
    market.wait(seconds=10)
    market.send(AYU, confirmed, "on my way", "m-2")
    market.expect(200, AYU, "PATCH", f"/rooms/{room_of(confirmed)}/messages/6", {"message": "nearly there"})
    market.send(WAYAN, confirmed, "never mind", "m-4")
    market.expect(200, WAYAN, "DELETE", f"/rooms/{room_of(confirmed)}/messages/7")
    market.expect(200, AYU, "PATCH", f"/rooms/{room_of(confirmed)}/messages/6", {"message": "there"})
    market.wait(minutes=20)
    market.sweep()
    assert market.row("bookings", bookingId=expired)["status"] == "expired"
    cancelled = market.book(MADE, BUDI, customerWhatsApp="+6281200000003")
    market.command(BUDI, cancelled, "accept")
    market.command(MADE, cancelled, "cancel")
    completed = market.book(MADE, BUDI, customerWhatsApp="+6281200000004")
    market.command(BUDI, completed, "accept")
    market.command(BUDI, completed, "complete")
    market.book(MADE, BUDI, customerWhatsApp="+6281200000005")  # pending
    wandering = market.book(KETUT, AYU, customerWhatsApp="+6281200000006", **tomorrow(market))
    market.command(ADMIN, wandering, "reassign", {"therapistId": BUDI.user_id})
    market.command(BUDI, wandering, "decline")
    market.send(KETUT, wandering, "never mind", "m-3")  # closed by now
    market.expect(200, KETUT, "POST", "/privacy/erase", {"confirm": True})
    moving = market.book(MADE, AYU, customerWhatsApp="+6281200000007", **tomorrow(market))
    market.command(AYU, moving, "accept")
    later = format_utc(parse_utc(tomorrow(market)["scheduledTime"]) + timedelta(hours=3))
    market.command(MADE, moving, "proposal", {"scheduledTime": later})
    market.publish()
    market.wait(minutes=3)
    return market.tables()


def test_papers_and_proofs_in_order_are_no_violation(market: Market) -> None:
    tables = lively(market)
    issue_papers(tables, 1, 2)
    prove(tables, 1, 2, 3)

    assert check_all(tables) == []


def test_every_invariant_has_a_planted_violation() -> None:
    assert list(PLANTS) == list(INVARIANTS)
    assert all(PLANTS.values())


def test_nothing_is_wrong_with_a_lively_market(market: Market) -> None:
    assert check_all(lively(market)) == []


PLANTED: Final = [
    pytest.param(number, plant, id=f"{number}-{plant.__name__}")
    for number, plants in PLANTS.items()
    for plant in plants
]


@pytest.mark.parametrize(("number", "plant"), PLANTED)
def test_each_planted_violation_is_seen_by_its_invariant(market: Market, number: str, plant: Plant) -> None:
    tables = lively(market)

    plant(tables)

    assert number in {violation.invariant for violation in check_all(tables)}


def test_i24_a_file_that_was_refused_after_it_was_cited_is_no_violation(market: Market) -> None:
    tables = lively(market)
    message = next(row for row in tables["chat_messages"] if row["clientMessageId"] == "m-1")
    message["attachmentId"] = "a-1"
    file = {"attachmentId": "a-1", "kind": "message", "conversationId": message["conversationId"]}
    tables["attachments"].append({**file, "status": "refused", "requestHash": "0" * 64})
    tables["objects"] = []

    assert check_all(tables) == []


def test_i24_a_file_that_is_kept_no_longer_is_no_violation(market: Market) -> None:
    tables = lively(market)
    lose_a_file(tables)
    tables["attachments"][-1]["expiresAt"] = format_utc(market.now)

    assert "I24" not in {violation.invariant for violation in check_all(tables)}

    tables["attachments"][-1]["expiresAt"] = format_utc(market.now + timedelta(minutes=1))

    assert "I24" in {violation.invariant for violation in check_all(tables)}


@pytest.mark.parametrize("plant", [lose_a_message, lose_a_claim, leave_the_welcome_out, forget_the_first_messages])
def test_what_is_gone_of_a_room_older_than_messages_are_kept_is_no_violation(market: Market, plant: Plant) -> None:
    tables = lively(market)
    plant(tables)
    assert check_all(tables) != []

    tables["clock"] = [{"now": format_utc(market.now + settings().chat_retention + timedelta(days=1))}]

    assert not {"I12", "I13", "I16"} & {violation.invariant for violation in check_all(tables)}


ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@playing(max_examples=40)
@given(data=st.data())
def test_no_row_of_any_form_makes_an_invariant_fail(data: st.DataObject) -> None:
    from marketplace.operations.invariants.forms import FORMS  # noqa: PLC0415 - the names alone matter here

    names = {
        *(name for _, form in FORMS.values() for name in form),
        *("holds", "requests", "metadata", "used", "discountCode", "discountCounters", "clientMessageId", "ownerId"),
        *("fromStatus", "toStatus", "confirmedAt", "expiredAt", "requestHash", "connectedAt", "attachmentId", "action"),
    }
    row = st.dictionaries(st.sampled_from(sorted(names)), ANYTHING, max_size=12)
    tables = {table: data.draw(st.lists(row, max_size=2)) for table in (*READ, "clock", "acknowledged")}

    assert isinstance(check_all(tables), list)
